-- KEYS: a limiter. ARGV: how many are asked for, and for each of its limits the microseconds
-- that one takes to come back, and how many there are at most.
--
-- It is the generic cell rate algorithm. What is stored of each limit is the moment, by this
-- server's clock in microseconds, when all will be back; no key says that all of all are.
local key, amount = KEYS[1], tonumber(ARGV[1])
local stored, moments = redis.call('GET', key), {}
for word in ((stored or '') .. ' '):gmatch('(.-) ') do
  local moment = tonumber(word)
  if stored and (not moment or not (math.abs(moment) <= 2 ^ 53) or word ~= string.format('%.0f', moment + 0)) then
    return redis.error_reply('ERR value is not an integer')
  end
  moments[#moments + 1] = moment
end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local fulls, latest, waits, admitted, changed = {}, {}, {}, true, false
for i = 1, (#ARGV - 1) / 2 do
  local one, moment = tonumber(ARGV[2 * i]), moments[i]
  fulls[i], latest[i] = now, now + one * ARGV[2 * i + 1]
  if moment then
    -- It is later than that if the clock was set back, or the rate was another. Left as it
    -- is, it would keep the limiter shut until then.
    fulls[i], changed = math.max(now, math.min(moment, latest[i])), changed or moment > latest[i]
  end
  waits[i] = math.max(fulls[i] + one * math.max(amount, 1) - latest[i], 0)
  admitted = admitted and waits[i] == 0
end
changed = changed or (admitted and amount > 0)
local reply, last, texts = {admitted and 1 or 0}, now, {}
for i, full in ipairs(fulls) do
  local one = tonumber(ARGV[2 * i])
  if admitted then
    full = full + one * amount
  end
  reply[3 * i - 1], reply[3 * i], reply[3 * i + 1] = math.floor((latest[i] - full) / one), waits[i], full - now
  last, texts[i] = math.max(last, full), string.format('%.0f', full)
end
if changed then
  redis.call('SET', key, table.concat(texts, ' '), 'PX', string.format('%.0f', math.ceil((last - now) / 1000)))
end
return reply
