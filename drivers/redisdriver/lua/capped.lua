-- KEYS: those of a command; the last is the list that it adds to. ARGV: the command and
-- the milliseconds that start a time to live, or two empty strings; how many elements
-- stay, and LTRIM's range of them; how many words of the command precede its values; the
-- command.
--
-- Answers the command's reply, where that is a length the one that is left.
local key, cap, head = KEYS[#KEYS], tonumber(ARGV[3]), tonumber(ARGV[6])
need('llen', key)
need('ltrim', key)
if ARGV[1] ~= '' then
  need(ARGV[1], key)
end
local reply, first = nil, 7 + head
repeat -- as unpack is limited to some 8,000 values
  local call = {unpack(ARGV, 7, 6 + head)}
  for i = first, math.min(first + 5999, #ARGV) do
    call[#call + 1] = ARGV[i]
  end
  reply = redis.call(unpack(call))
  first = first + 6000
until first > #ARGV
if not reply or reply == 0 or reply == -1 then -- which added nothing
  return reply
end
if redis.call('LLEN', key) > cap then
  redis.call('LTRIM', key, ARGV[4], ARGV[5])
  reply = type(reply) == 'number' and cap or reply
end
if ARGV[1] ~= '' then
  redis.call(ARGV[1], key, ARGV[2], 'NX')
end
return reply
