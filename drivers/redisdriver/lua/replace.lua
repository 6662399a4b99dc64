-- KEYS: a collection. ARGV: nx, xx or nothing; keepttl, or the command that sets the
-- time to live with its milliseconds, or two empty strings; the type; the commands that
-- add to it and that count it; what it is to have.
local key, condition, expire, millis = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local kind = redis.call('TYPE', key).ok
if kind ~= 'none' and kind ~= ARGV[4] then
  return redis.error_reply('WRONGTYPE Operation against a key holding the wrong kind of value')
end
if (condition == 'nx' and kind ~= 'none') or (condition == 'xx' and kind == 'none') then
  return false
end
if expire == 'keepttl' then
  expire = ''
  local moment = redis.call('PEXPIRETIME', key)
  if moment > 0 then
    expire, millis = 'pexpireat', string.format('%.0f', moment)
  end
end
redis.call('DEL', key)
for first = 7, #ARGV, 6000 do -- unpack is limited to some 8,000 values
  redis.call(ARGV[5], key, unpack(ARGV, first, math.min(first + 5999, #ARGV)))
end
local size = redis.call(ARGV[6], key)
if expire ~= '' then
  redis.call(expire, key, millis)
end
return size
