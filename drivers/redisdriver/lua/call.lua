-- KEYS: those of a command. ARGV: its name and its other arguments.
--
-- Answers the command's reply. One with many arguments (SADD, SREM) is called
-- several times and answers the sum, as unpack is limited to some 8,000 values.
local reply
for first = 2, math.max(#ARGV, 2), 7000 do
  local call = {ARGV[1], unpack(KEYS)}
  for i = first, math.min(first + 6999, #ARGV) do
    call[#call + 1] = ARGV[i]
  end
  local part = redis.call(unpack(call))
  reply = reply and reply + part or part
end
return reply
