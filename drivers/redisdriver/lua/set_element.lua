-- KEYS: a list. ARGV: the place and the element of an LSET.
--
-- Answers OK, 0 if there is no list, or -1 if it has no such place, which are errors of LSET.
local reply = redis.pcall('LSET', KEYS[1], ARGV[1], ARGV[2])
if reply.err and reply.err:find('no such key', 1, true) then
  return 0
elseif reply.err and reply.err:find('index out of range', 1, true) then
  return -1
end
return reply
