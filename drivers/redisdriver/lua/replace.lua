-- KEYS: a collection. ARGV: nx, xx or nothing; keepttl, or the command that sets the
-- time to live with its milliseconds, or two empty strings; the type; what it is to have.
--
-- In a slot that moves, Redis refuses a script a key that is not there, be it the script
-- that has deleted it. So what is new comes before what was there has gone. The first of
-- it comes alone: it is what Redis asks for memory, and old and new together would be
-- more than what a small collection is packed as.
local key, condition, expire, millis, kind = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local how = ({
  set = {add = 'SADD', size = 'SCARD', all = {'SMEMBERS', key}, remove = 'SREM', words = 1, member = 5},
  hash = {add = 'HSET', size = 'HLEN', all = {'HKEYS', key}, remove = 'HDEL', words = 2, member = 5},
  zset = {add = 'ZADD', size = 'ZCARD', all = {'ZRANGE', key, 0, -1}, remove = 'ZREM', words = 2, member = 6},
  list = {add = 'RPUSH', size = 'LLEN', words = 1},
})[kind]
local found = redis.call('TYPE', key).ok
if found ~= 'none' and found ~= kind then
  return redis.error_reply('WRONGTYPE Operation against a key holding the wrong kind of value')
end
if (condition == 'nx' and found ~= 'none') or (condition == 'xx' and found == 'none') then
  return false
end
if #ARGV == 4 then
  redis.call('UNLINK', key)
  return 0
end

local function each(command, words, first)
  for i = first, #words, 6000 do -- unpack is limited to some 8,000 values
    redis.call(command, key, unpack(words, i, math.min(i + 5999, #words)))
  end
end
local leave, length = {}, 0 -- who has to leave; how long a list was
if found == 'list' then
  length = redis.call('LLEN', key)
  need('ltrim', key)
elseif found ~= 'none' then
  local stays = {}
  for i = how.member, #ARGV, how.words do
    stays[ARGV[i]] = true
  end
  for _, member in ipairs(redis.call(unpack(how.all))) do
    if not stays[member] then
      leave[#leave + 1] = member
    end
  end
  if #leave > 0 then
    need(how.remove, key)
  end
end
need(how.size, key)
if expire == '' and found ~= 'none' then
  expire = 'persist'
end
if expire ~= '' and expire ~= 'keepttl' then
  need(expire, key)
end

redis.call(how.add, key, unpack(ARGV, 5, 4 + how.words))
if length > 0 then
  redis.call('LTRIM', key, length, -1)
end
each(how.remove, leave, 1)
each(how.add, ARGV, 5 + how.words)
local size = redis.call(how.size, key)
if expire == 'persist' then
  redis.call('PERSIST', key)
elseif expire ~= '' and expire ~= 'keepttl' then
  redis.call(expire, key, millis)
end
return size
