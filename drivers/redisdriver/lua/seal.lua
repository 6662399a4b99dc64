-- KEYS: a registry and its indexes. ARGV: a mark; 1 to make seals of it, or 0.
--
-- Answers for each key whether it is sealed. The seal of a registry is an empty field, and a
-- mark its digits; that of an index has the score 0, and a mark its negative.
local found, sealed = {}, {}
for i = 1, #KEYS do
  found[i] = i == 1 and redis.call('HGET', KEYS[1], '') or i > 1 and redis.call('ZSCORE', KEYS[i], '')
end
for i = 1, #KEYS do
  local seal, mark = '', ARGV[1]
  if i > 1 then
    seal, mark = 0, -tonumber(ARGV[1])
    found[i] = found[i] and tonumber(found[i])
  end
  local put
  if found[i] == seal then
    sealed[i] = 1
  elseif ARGV[2] == '0' then
    sealed[i], put = 0, mark
  elseif found[i] == mark then
    sealed[i], put = 1, seal
  else
    sealed[i] = 0
  end
  if put and i == 1 then
    redis.call('HSET', KEYS[1], '', put)
  elseif put then
    redis.call('ZADD', KEYS[i], string.format('%.0f', put), '')
  end
end
return sealed
