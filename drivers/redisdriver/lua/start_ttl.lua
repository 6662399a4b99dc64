-- KEYS: those of a command; the last is the one that gets the time to live. ARGV:
-- the command and the milliseconds that start it, the command and its arguments.
--
-- Answers the sum of the command's replies: SADD is called several times for many
-- members, as unpack is limited to some 8,000 values. A command that moved
-- nothing has not touched the key.
local reply = 0
for first = 4, #ARGV, 7000 do
  local call = {ARGV[3], unpack(KEYS)}
  for i = first, math.min(first + 6999, #ARGV) do
    call[#call + 1] = ARGV[i]
  end
  reply = reply + redis.call(unpack(call))
end
if reply > 0 or ARGV[3] ~= 'smove' then
  redis.call(ARGV[1], KEYS[#KEYS], ARGV[2], 'NX')
end
return reply
