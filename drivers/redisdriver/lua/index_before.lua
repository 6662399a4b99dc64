-- What comes before the command of a write with indexes. The last KEYS are the
-- registries and indexes, and the last ARGV say what to do with them; both are taken
-- off, so that the command finds its own.
--
-- In a slot that is about to move, Redis refuses a script what that has removed itself. So
-- here and in what comes after the command, all that may refuse is asked first; then comes
-- what adds, then what removes; and exists takes what is refused for absent.
local own, position = {}, 0
for i = tonumber(table.remove(ARGV)), 1, -1 do
  own[i] = table.remove(ARGV)
end
local function take()
  position = position + 1
  return own[position]
end
local function each(collect)
  for _ = 1, tonumber(take()) do
    collect()
  end
end

local function keyOf(ix, name) return ix.registry .. '::' .. name end

local mode = take() -- replace, keep or reconcile
each(function() table.remove(KEYS) end)
local indexes = {}
each(function()
  local ix = {key = take(), registry = take(), id = take(), whole = take() == '1', mark = take(), declared = {}, names = {}, entries = {}, stray = {}}
  each(function()
    table.insert(ix.names, take())
    ix.declared[ix.names[#ix.names]] = true
  end)
  each(function() table.insert(ix.entries, {name = take(), value = take(), unique = take() == '1'}) end)
  each(function() table.insert(ix.stray, {name = take(), value = take()}) end)
  table.insert(indexes, ix)
end)

-- registered are the entries that the registry has of an id, none if it was tampered with.
local function registered(ix, id)
  local entries, packed, at = {}, redis.call('HGET', ix.registry, id), 1
  while packed and at <= #packed do
    local whole, name, value, rest = pcall(struct.unpack, '>I4c0I4c0', packed, at)
    if not whole then
      return {}, packed
    end
    if ix.declared[name] then
      table.insert(entries, {name = name, value = value})
    end
    at = rest
  end
  return entries, packed
end

local function identity(entry) return #entry.name .. ':' .. entry.name .. entry.value end

local function same(entries)
  local among = {}
  for _, entry in ipairs(entries) do
    among[identity(entry)] = true
  end
  return function(entry) return among[identity(entry)] end
end

local function none() return false end

local function exists(key)
  local there = redis.pcall('EXISTS', key)
  if type(there) == 'table' and not there.err:find('non local key', 1, true) then
    error(there)
  end
  return there == 1
end

-- evicts tells whether the server may drop any key when it has no memory left.
local function evicts()
  local info = redis.pcall('INFO', 'memory')
  return type(info) == 'string' and info:find('maxmemory_policy:allkeys', 1, true) and not info:find('maxmemory:0\r', 1, true)
end

-- sealed is whether the registry and an index have their seals, or the mark of who
-- executes the command.
local function sealedRegistry(ix)
  local seal = redis.call('HGET', ix.registry, '')
  return seal == '' or seal == ix.mark
end

local function sealedIndex(ix, index)
  local seal = tonumber(redis.call('ZSCORE', index, '') or 1)
  return seal == 0 or seal == -tonumber(ix.mark)
end

-- Everything is looked at before anything is changed. HGET and ZCARD fail on another type.
local absent = {} -- those who hold a unique value and are gone
for _, ix in ipairs(indexes) do
  ix.old, ix.packed = registered(ix, ix.id)
  local members = 0
  for _, name in ipairs(ix.names) do
    members = members + redis.call('ZCARD', keyOf(ix, name))
  end
  ix.begins = mode ~= 'reconcile' and not ix.packed and members == 0
    and redis.call('HLEN', ix.registry) == 0 and not exists(ix.key) and not evicts()
  for _, entry in ipairs(ix.entries) do
    local index = keyOf(ix, entry.name)
    if entry.unique and not ix.begins and not (sealedRegistry(ix) and sealedIndex(ix, index)) then
      return redis.error_reply('INCOMPLETE ' .. index)
    end
  end
  for _, entry in ipairs(ix.entries) do
    local index = keyOf(ix, entry.name)
    local held = entry.unique and redis.call('ZRANGEBYLEX', index, '[' .. entry.value, '(' .. entry.value .. '\255') or {}
    for _, member in ipairs(held) do
      local holder = string.sub(member, #entry.value + 1)
      if holder ~= ix.id and holder ~= '' then
        if redis.call('EXISTS', string.sub(ix.key, 1, #ix.key - #ix.id) .. holder) == 1 then
          return redis.error_reply('DUPLICATE ' .. #index .. ' ' .. index .. ' ' .. holder)
        end
        table.insert(absent, {ix = ix, id = holder, index = index, member = member})
      end
    end
  end
end
for _, ix in ipairs(indexes) do
  for _, name in ipairs({'hset', 'hdel', 'hlen', 'exists', 'unlink'}) do
    need(name, ix.registry)
  end
  for _, index in ipairs(ix.names) do
    -- To be read and written by one command, the key of the ids may be by others that are asked for anyway.
    for _, name in ipairs(index == '' and #ix.names > 1 and {'zadd'} or {'zadd', 'zrem', 'zscore', 'exists', 'unlink'}) do
      need(name, keyOf(ix, index))
    end
  end
end
