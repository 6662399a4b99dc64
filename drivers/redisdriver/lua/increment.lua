-- KEYS: a number, or a hash of numbers. ARGV: the command and the milliseconds that start
-- the time to live, or two empty strings; the least and the greatest number allowed, or
-- empty strings: of an integer before it is added to, of a float afterwards; what an absent
-- field counts as, or an empty string; how many words of the command lie between its name and the amount, the first of which is the key; the
-- command that reads the number; the command.
--
-- Answers the text of the new number, as a Lua number would round integers of more than
-- 53 bits, or nothing if it is refused: then nothing was changed.
local key, low, high, initial = KEYS[1], ARGV[3], ARGV[4], ARGV[5]
local field = ARGV[6] == '2' and ARGV[10] or nil
local float = ARGV[8]:find('float', 1, true)
local function read()
  if field then
    return redis.call(ARGV[7], key, field)
  end
  return redis.call(ARGV[7], key)
end
-- less compares floats as numbers, and integers as text, digit by digit.
local function less(a, b)
  if float then
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
local function outside(number)
  return (low ~= '' and less(number, low)) or (high ~= '' and less(high, number))
end
-- integral is about what Redis reads as an integer. It says itself what else is no number.
local function integral(text)
  return (text == '0' or text:find('^%-?[1-9]%d*$'))
    and not less(text, '-9223372036854775808') and not less('9223372036854775807', text)
end

if ARGV[1] ~= '' then
  need(ARGV[1], key)
end
local before = read()
local begins = not before and initial ~= ''
local start = before or (begins and initial) or '0'
if not float and integral(start) and outside(start) then
  return false
end
local undo -- of a float: nobody but Redis knows to the last digit what comes out
local ends -- when the field does, which HSET lets stay; an error of servers before Redis 7.4
if begins or (float and (low ~= '' or high ~= '')) then
  if redis.call('EXISTS', key) == 0 then
    undo = {'del', key}
  elseif not field then
    undo = {'set', key, before, 'KEEPTTL'}
  elseif before then
    undo = {'hset', key, field, before}
    ends = redis.pcall('HPEXPIRETIME', key, 'FIELDS', 1, field)[1]
  else
    undo = {'hdel', key, field}
  end
  need(unpack(undo))
end
if begins then
  need('hset', key, field, initial)
  need(unpack(ARGV, 8))
  redis.call('HSET', key, field, initial)
end
local reply = redis.pcall(unpack(ARGV, 8))
if type(reply) == 'table' and reply.err then
  if begins then
    redis.call(unpack(undo))
  end
  if reply.err:find('overflow', 1, true) or reply.err:find('NaN or Infinity', 1, true) then
    return false
  end
  return reply
end
local after = read()
if float and undo and outside(after) then
  redis.call(unpack(undo))
  if ends and ends > 0 then
    redis.call('HPEXPIREAT', key, ends, 'FIELDS', 1, field)
  end
  return false
end
if ARGV[1] ~= '' then
  redis.call(ARGV[1], key, ARGV[2], 'NX')
end
return after
