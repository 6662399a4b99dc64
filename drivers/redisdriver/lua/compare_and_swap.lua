-- KEYS: the string. ARGV: what it must be, what it becomes, and SET's options for
-- its time to live.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], unpack(ARGV, 3))
return 1
