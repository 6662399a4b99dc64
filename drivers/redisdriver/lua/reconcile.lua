-- KEYS: all that a child of a store consists of. Answers whether anything is there.
return math.min(redis.call('EXISTS', unpack(KEYS)), 1)
