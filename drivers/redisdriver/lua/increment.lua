-- KEYS: a number, or a hash of numbers. ARGV: the command and the milliseconds that start
-- the time to live, or two empty strings; the least and the greatest number allowed, or
-- empty strings; how many words of the command lie between its name and the amount, the
-- first of which is the key; the command that reads the number; the command.
--
-- Answers the text of the new number, as a Lua number would round integers of more than
-- 53 bits, or nothing if it is refused: then nothing was changed.
local key, low, high = KEYS[1], ARGV[3], ARGV[4]
local field = ARGV[5] == '2' and ARGV[9] or nil
local function read()
  if field then
    return redis.call(ARGV[6], key, field)
  end
  return redis.call(ARGV[6], key)
end
-- less compares floats as numbers, and integers as text, digit by digit.
local function less(a, b)
  if ARGV[7]:find('float', 1, true) then
    return tonumber(a) < tonumber(b)
  end
  local negative = a:sub(1, 1) == '-'
  if negative ~= (b:sub(1, 1) == '-') then
    return negative
  end
  if negative then
    a, b = b:sub(2), a:sub(2)
  end
  if #a ~= #b then
    return #a < #b
  end
  return a < b
end

local before, existed = read(), redis.call('EXISTS', key) == 1
local reply = redis.pcall(unpack(ARGV, 7))
if type(reply) == 'table' and reply.err then
  if reply.err:find('overflow', 1, true) or reply.err:find('NaN or Infinity', 1, true) then
    return false
  end
  return reply
end
local after = read()
if (low ~= '' and less(after, low)) or (high ~= '' and less(high, after)) then
  if not existed then
    redis.call('DEL', key)
  elseif not field then
    redis.call('SET', key, before, 'KEEPTTL')
  elseif before then
    redis.call('HSET', key, field, before)
  else
    redis.call('HDEL', key, field)
  end
  return false
end
if ARGV[1] ~= '' then
  redis.call(ARGV[1], key, ARGV[2], 'NX')
end
return after
