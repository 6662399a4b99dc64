-- KEYS: a queue. ARGV: add, take, move or remove, and what that takes; see below.
--
-- A queue is a sorted set with two members for each job: the id, at the moment from which it
-- may be taken, by this server's clock in milliseconds; and the record, which is the id, how often it
-- was taken, by whom last, and the text, with zeros in between. A record lies below 0, at
-- a score that is made of the id, by which it is found.
local key, verb = KEYS[1], ARGV[1]

local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- due is the moment, or where that is 0 the one after a delay.
local function due(delay, moment)
  return moment ~= '0' and moment or string.format('%.0f', clock() + delay)
end

local function place(id)
  return string.format('%.0f', -tonumber(redis.sha1hex(id):sub(1, 13), 16) - 1)
end

local function find(id)
  local score = place(id)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', key, score, score)) do
    if member:sub(1, #id + 1) == id .. '\0' then
      local tries, token, text = member:sub(#id + 2):match('^(%d+)%z([^%z]*)%z(.*)$')
      if tries and #tries < 10 then
        return {member = member, tries = tonumber(tries), token = token, text = text}
      end
    end
  end
end

local function put(id, old, tries, token, text, moment)
  need('zadd', key)
  need('zrem', key)
  local member = id .. '\0' .. string.format('%.0f', tries) .. '\0' .. token .. '\0' .. text
  redis.call('ZADD', key, moment, id, place(id), member)
  if old and old.member ~= member then
    redis.call('ZREM', key, old.member)
  end
end

if verb == 'add' then -- the id, the text, the condition, the delay, the moment
  local id = ARGV[2]
  local old = find(id)
  if ARGV[4] == 'nx' and old or ARGV[4] == 'xx' and not old then
    return false
  end
  put(id, old, 0, '', ARGV[3], due(ARGV[5], ARGV[6]))
  return old and 0 or 1
elseif verb == 'take' then -- the token, the lease
  local now = clock()
  local moment = string.format('%.0f', now)
  local id = redis.call('ZRANGEBYSCORE', key, 0, moment, 'LIMIT', 0, 1)[1]
  if not id then
    local next = redis.call('ZRANGEBYSCORE', key, '(' .. moment, '(inf', 'WITHSCORES', 'LIMIT', 0, 1)[2]
    return next and {string.format('%.0f', math.min(math.ceil(next - now), 2 ^ 50))} or {}
  end
  local old = find(id)
  local tries, text = old and old.tries + 1 or 1, old and old.text or ''
  put(id, old, tries, ARGV[2], text, string.format('%.0f', now + ARGV[3]))
  return {id, text, string.format('%.0f', tries)}
elseif verb == 'move' then -- the id, the token, the state, the delay, the moment
  local id, token, state = ARGV[2], ARGV[3], ARGV[4]
  local old = find(id)
  if not old or token ~= '' and old.token ~= token then
    return 0
  end
  put(id, old, token == '' and 0 or old.tries, state == '1' and token or '', old.text, state == '2' and 'inf' or due(ARGV[5], ARGV[6]))
  return 1
end
-- The token, the ids.
local removed, twice, members = 0, {}, {}
for i = 3, #ARGV do
  local id = ARGV[i]
  local old = not twice[id] and find(id)
  if old and (ARGV[2] == '' or old.token == ARGV[2]) then
    twice[id], removed = true, removed + 1
    members[2 * removed - 1], members[2 * removed] = id, old.member
  end
end
if removed > 0 then
  need('zrem', key)
  for i = 1, #members, 6000 do
    redis.call('ZREM', key, unpack(members, i, math.min(i + 5999, #members)))
  end
end
return removed
