-- What comes before the command of a write with indexes. The last KEYS are the
-- registries and indexes, and the last ARGV say what to do with them; both are taken
-- off, so that the command finds its own.
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

local mode = take() -- replace, keep or reconcile
each(function() table.remove(KEYS) end)
local indexes = {}
each(function()
  local ix = {key = take(), registry = take(), id = take(), whole = take() == '1', names = {}, entries = {}, stray = {}}
  each(function() ix.names[take()] = true end)
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
    if ix.names[name] then
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

-- remove takes entries of an id out of their indexes, but for those that stay.
local function remove(ix, id, entries, stays)
  for _, entry in ipairs(entries) do
    if not stays(entry) then
      redis.call('ZREM', ix.registry .. ':' .. entry.name, entry.value .. id)
    end
  end
end

local function none() return false end

-- Everything is looked at before anything is changed. HGET and ZCARD fail on another type.
local absent = {} -- those who hold a unique value and are gone
for _, ix in ipairs(indexes) do
  ix.old, ix.packed = registered(ix, ix.id)
  for name in pairs(ix.names) do
    redis.call('ZCARD', ix.registry .. ':' .. name)
  end
  for _, entry in ipairs(ix.entries) do
    local index = ix.registry .. ':' .. entry.name
    local held = entry.unique and redis.call('ZRANGEBYLEX', index, '[' .. entry.value, '(' .. entry.value .. '\255') or {}
    for _, member in ipairs(held) do
      local holder = string.sub(member, #entry.value + 1)
      if holder ~= ix.id then
        if redis.call('EXISTS', string.sub(ix.key, 1, #ix.key - #ix.id) .. holder) == 1 then
          return redis.error_reply('DUPLICATE ' .. #index .. ' ' .. index .. ' ' .. holder)
        end
        table.insert(absent, {ix = ix, id = holder, index = index, member = member})
      end
    end
  end
end
for _, gone in ipairs(absent) do
  remove(gone.ix, gone.id, registered(gone.ix, gone.id), none)
  redis.call('ZREM', gone.index, gone.member)
  redis.call('HDEL', gone.ix.registry, gone.id)
end
