-- KEYS: a stream. ARGV: a group, one of its consumers, for how long entries are to have been
-- idle, how many times more they are to have been delivered, their ids.
--
-- Answers how many were pending for the consumer. XCLAIM forgets those that were deleted.
local stream, group, consumer, own = KEYS[1], ARGV[1], ARGV[2], 0
for i = 5, #ARGV do
  local pending = redis.pcall('XPENDING', stream, group, ARGV[i], ARGV[i], 1, consumer)
  if pending.err and pending.err:find('^NOGROUP') then
    return 0
  elseif pending.err then
    return pending
  elseif pending[1] then
    local deliveries = math.max(pending[1][4] + tonumber(ARGV[4]), 0)
    own = own + #redis.call('XCLAIM', stream, group, consumer, 0, ARGV[i], 'IDLE', ARGV[3], 'RETRYCOUNT', deliveries, 'JUSTID')
  end
end
return own
