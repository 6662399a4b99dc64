-- KEYS: the bitset. ARGV: the command and the milliseconds that start its time to
-- live, or two empty strings, the first and the last byte of the slot, SET or INCRBY,
-- the overflow, and the slot's type, first bit and amount.
--
-- Answers the bytes of the slot before a SET and after an INCRBY: a Lua number
-- would round those of more than 53 bits.
if ARGV[1] ~= '' then
  need(ARGV[1], KEYS[1])
end
local function slot()
  return redis.call('GETRANGE', KEYS[1], ARGV[3], ARGV[4])
end
local before = slot()
local reply = redis.call('BITFIELD', KEYS[1], 'OVERFLOW', ARGV[6], ARGV[5], ARGV[7], ARGV[8], ARGV[9])
if not reply[1] then
  return false
end
local after = slot()
if ARGV[1] ~= '' then
  redis.call(ARGV[1], KEYS[1], ARGV[2], 'NX')
end
if ARGV[5] == 'SET' then
  return before
end
return after
