-- KEYS: a limiter. ARGV: how many are asked for, the microseconds that one takes to come
-- back, and how many there are at most.
--
-- It is the generic cell rate algorithm. What is stored is the moment, by this server's
-- clock in microseconds, when all will be back; no key says that they are.
local key, amount, one = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full, latest, changed = now, now + one * ARGV[3], false
local stored = redis.call('GET', key)
if stored then
  local moment = tonumber(stored)
  if not moment or not (math.abs(moment) <= 2 ^ 53) or stored ~= string.format('%.0f', moment + 0) then
    return redis.error_reply('ERR value is not an integer')
  end
  -- It is later than that if the clock was set back, or the rate was another. Left as it
  -- is, it would keep the limiter shut until then.
  full, changed = math.max(full, math.min(moment, latest)), moment > latest
end
local after = full + one * math.max(amount, 1)
local wait = math.max(after - latest, 0)
if wait == 0 and amount > 0 then
  full, changed = after, true
end
if changed then
  redis.call('SET', key, string.format('%.0f', full), 'PX', string.format('%.0f', math.ceil((full - now) / 1000)))
end
return {wait == 0 and 1 or 0, math.floor((latest - full) / one), wait, full - now}
