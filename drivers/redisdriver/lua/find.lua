-- KEYS: a registry, and the index of each range. ARGV: how many members at most, 1 for
-- backwards, and for each range 'or' where it is of the group of the one before it, and its ends.
--
-- Answers the group with the fewest members, how many each range has, and of that group the
-- members, each with what the registry has of the id at its end.
local amount, backwards = tonumber(ARGV[1]), ARGV[2] == '1'
local sizes, groups = {}, {}
redis.call('HLEN', KEYS[1]) -- fails on another type
for i = 2, #KEYS do
  local size = redis.call('ZLEXCOUNT', KEYS[i], ARGV[3 * i - 2], ARGV[3 * i - 1])
  if ARGV[3 * i - 3] == '' then
    groups[#groups + 1] = {first = i, size = 0}
  end
  local group = groups[#groups]
  group.last, group.size = i, group.size + size
  sizes[i - 1] = size
end
local fewest = 1
for i = 2, #groups do
  if groups[i].size < groups[fewest].size then
    fewest = i
  end
end

local found = {}
local function read(i, limit)
  local from, to = ARGV[3 * i - 2], ARGV[3 * i - 1]
  local members = backwards and redis.call('ZREVRANGEBYLEX', KEYS[i], to, from, 'LIMIT', 0, limit)
    or redis.call('ZRANGEBYLEX', KEYS[i], from, to, 'LIMIT', 0, limit)
  for first = 1, #members, 1000 do -- as many as unpack takes
    local ids = {}
    for at = first, math.min(first + 999, #members) do
      local zero = string.find(members[at], '%z[^%z]*$')
      ids[#ids + 1] = string.sub(members[at], (zero or 0) + 1)
    end
    local records = redis.call('HMGET', KEYS[1], unpack(ids))
    for at = 1, #ids do
      found[#found + 1] = members[first + at - 1]
      found[#found + 1] = records[at] or ''
    end
  end
end
for i = groups[fewest].first, groups[fewest].last do
  if #found < 2 * amount then
    read(i, amount - #found / 2)
  end
end
return {fewest - 1, sizes, found}
