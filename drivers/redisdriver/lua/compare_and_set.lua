-- KEYS: a hash. ARGV: how many of the values that follow are what it must have, fields
-- and values by turns; these; what it is to have instead, likewise.
--
-- Only what is different is written, so that the time to live stays, and that of fields.
local key, first = KEYS[1], 2 + tonumber(ARGV[1])
local current, size = {}, 0
local all = redis.call('HGETALL', key)
for i = 1, #all, 2 do
  current[all[i]] = all[i + 1]
  size = size + 1
end
local seen = {}
for i = 2, first - 1, 2 do
  local field = ARGV[i]
  if current[field] ~= ARGV[i + 1] then
    return 0
  end
  if not seen[field] then
    seen[field] = true
    size = size - 1
  end
end
if size ~= 0 then
  return 0
end

local stays, write, remove = {}, {}, {}
for i = first, #ARGV, 2 do
  stays[ARGV[i]] = ARGV[i + 1]
end
for field, value in pairs(stays) do
  if current[field] ~= value then
    table.insert(write, field)
    table.insert(write, value)
  end
end
for field in pairs(current) do
  if not stays[field] then
    table.insert(remove, field)
  end
end
local function each(command, words)
  for i = 1, #words, 6000 do -- unpack is limited to some 8,000 values
    redis.call(command, key, unpack(words, i, math.min(i + 5999, #words)))
  end
end
if #remove > 0 then
  need('hdel', key)
end
each('HSET', write)
each('HDEL', remove)
return 1
