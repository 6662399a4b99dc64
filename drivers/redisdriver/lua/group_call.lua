-- KEYS: a stream. ARGV: a command on one of its groups.
--
-- Answers what the command does. Errors that are answers are no errors here: 0 where it
-- makes a group that is there, or destroys one that is not; NOGROUP where it needs one.
local reply = redis.pcall(unpack(ARGV))
if type(reply) == 'table' and reply.err then
  if reply.err:find('^NOGROUP') then
    return {ok = 'NOGROUP'}
  elseif reply.err:find('^BUSYGROUP') or reply.err:find('requires the key to exist', 1, true) then
    return 0
  end
end
return reply
