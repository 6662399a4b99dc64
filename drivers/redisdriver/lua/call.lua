-- KEYS: those of a command. ARGV: the command and the milliseconds that start a time to
-- live, or two empty strings; the place in KEYS of the key that gets it; how the replies
-- of parts are joined; how many words of the command belong to every part; the command.
--
-- Answers the command's reply. One with many values is called several times, as unpack
-- is limited to some 8,000: 6,000 values are whole pairs and triples. One that takes
-- things out is over when nothing is left: in a slot that moves, Redis refuses a script
-- a key that is not there any more. Joined as there, a reply of 0 or nil says that there
-- is no key, or one that was not touched.
local expire, millis, key, join, head = ARGV[1], ARGV[2], KEYS[tonumber(ARGV[3])], ARGV[4], tonumber(ARGV[5])
if expire ~= '' then
  need(expire, key)
end
local reply, first = nil, 6 + head
repeat
  local call = {unpack(ARGV, 6, 5 + head)}
  for i = first, math.min(first + 5999, #ARGV) do
    call[#call + 1] = ARGV[i]
  end
  local part = redis.call(unpack(call))
  if reply == nil or join == 'last' then
    reply = part
  elseif join == 'any' then
    reply = math.max(reply, part)
  else
    reply = reply + part
  end
  first = first + 6000
until first > #ARGV or redis.pcall('EXISTS', KEYS[1]) ~= 1
if expire ~= '' and not (join == 'there' and (not reply or reply == 0)) then
  redis.call(expire, key, millis, 'NX')
end
return reply
