-- The server's time in milliseconds. TIME itself names no key by which a cluster could be asked.
local now = redis.call('TIME')
return now[1] * 1000 + math.floor(now[2] / 1000)
