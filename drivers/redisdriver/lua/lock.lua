-- KEYS: a lock. ARGV: acquire, renew, release or holder; the owner; the lease in milliseconds.
--
-- A lock is a hash: its owner, until when by this server's clock, and the token of the
-- holding that began last, which stays. A token is greater than the one before, and not less
-- than the clock in microseconds: so tokens grow though the lock was lost.
local key, owner = KEYS[1], ARGV[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = redis.call('HMGET', key, 'owner', 'until', 'token')
local left = 0
if held[2] and held[2]:match('^%d+$') then
  left = tonumber(held[2]) - now
end
local free, mine = left <= 0, left > 0 and held[1] == owner
local function lease()
  return string.format('%.0f', now + ARGV[3])
end

if ARGV[1] == 'acquire' then
  if not free and not mine then
    return {0, left}
  end
  need('hset', key)
  local token = redis.pcall('HINCRBY', key, 'token', mine and 0 or 1)
  if type(token) == 'table' then
    return token
  end
  local least = time[1] * 1000000 + time[2]
  if not mine and token < least then
    token = least
    redis.call('HSET', key, 'token', string.format('%.0f', token))
  end
  redis.call('HSET', key, 'owner', owner, 'until', lease())
  return {1, token}
elseif ARGV[1] == 'holder' then
  if free then
    return false
  end
  return {held[1], held[3], string.format('%.0f', left)}
elseif not mine then
  return 0
elseif ARGV[1] == 'renew' then
  redis.call('HSET', key, 'until', lease())
else
  redis.call('HDEL', key, 'owner', 'until')
end
return 1
