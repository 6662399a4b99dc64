-- KEYS: a stream, and another. ARGV: the command and the milliseconds that start a time to live
-- of the other, or two empty strings; how many entries that keeps, 0 for all; a group of the
-- first and one of its consumers; ids.
--
-- Answers how many of them were pending for the consumer, and were moved.
local stream, other, expire, cap, group, consumer = KEYS[1], KEYS[2], ARGV[1], ARGV[3], ARGV[4], ARGV[5]
need('xack', stream, group, '0-0')
if expire ~= '' then
  need(expire, other)
end
redis.call('XLEN', other)
local settled, seen, moved = {}, {}, {}
for i = 6, #ARGV do
  local id = ARGV[i]
  local pending = redis.pcall('XPENDING', stream, group, id, id, 1, consumer)
  if pending.err and pending.err:find('^NOGROUP') then
    return 0
  elseif pending.err then
    return pending
  elseif pending[1] and not seen[id] then
    seen[id] = true
    settled[#settled + 1] = id
    local entry = redis.call('XRANGE', stream, id, id)[1]
    if entry and #entry[2] > 6000 then -- more than unpack can do
      error({err = 'ERR an entry of ' .. #entry[2] .. ' words cannot be moved'})
    end
    moved[#moved + 1] = entry and entry[2]
  end
end
for _, fields in ipairs(moved) do
  if cap == '0' then
    redis.call('XADD', other, '*', unpack(fields))
  else
    redis.call('XADD', other, 'MAXLEN', '=', cap, '*', unpack(fields))
  end
end
for _, id in ipairs(settled) do
  redis.call('XACK', stream, group, id)
end
if expire ~= '' and #moved > 0 then
  redis.call(expire, other, ARGV[2], 'NX')
end
return #moved
