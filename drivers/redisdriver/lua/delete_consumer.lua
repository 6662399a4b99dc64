-- KEYS: a stream. ARGV: a group, the consumer that goes, the one that gets what is pending.
--
-- Answers how many entries that were, or NOGROUP. XCLAIM forgets those that were deleted.
local stream, group, consumer, heir, handed = KEYS[1], ARGV[1], ARGV[2], ARGV[3], 0
need('xclaim', stream, group, heir, 0, '0-0')
need('xgroup', 'delconsumer', stream, group, consumer)
repeat
  local page = redis.pcall('XPENDING', stream, group, '-', '+', 1000, consumer)
  if page.err and page.err:find('^NOGROUP') then
    return {ok = 'NOGROUP'}
  elseif page.err then
    return page
  end
  for _, entry in ipairs(page) do
    handed = handed + #redis.call('XCLAIM', stream, group, heir, 0, entry[1], 'IDLE', entry[3], 'JUSTID')
  end
until #page == 0
redis.call('XGROUP', 'DELCONSUMER', stream, group, consumer)
return handed
