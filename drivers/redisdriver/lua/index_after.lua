-- What comes after the command of a write with indexes, whose reply is reply.
if type(reply) == 'table' and reply.err then
  return reply
end

-- remove gathers the entries of an id to be taken out, but for those that stay; flush
-- takes them out. A collection that ends with its last member may be out of reach.
local removals = {}
local function remove(ix, id, entries, stays)
  for _, entry in ipairs(entries) do
    if not stays(entry) then
      table.insert(removals, {'ZREM', keyOf(ix, entry.name), entry.value .. id})
    end
  end
end
local function flush()
  for _, removal in ipairs(removals) do
    local result = redis.pcall(unpack(removal))
    if type(result) == 'table' and exists(removal[2]) then
      return result
    end
  end
  removals = {}
end

-- list and unlist keep the index of the ids themselves. One that was lost is built anew by
-- whoever rebuilds the others.
local function list(ix, known)
  if ix.declared[''] and (not known or ix.mark ~= '0' or mode == 'reconcile') then
    redis.call('ZADD', keyOf(ix, ''), 0, ix.id)
  end
end
local function unlist(ix, id)
  if ix.declared[''] then
    table.insert(removals, {'ZREM', keyOf(ix, ''), id})
  end
end

for _, gone in ipairs(absent) do -- their registry and index are sealed, and so do not end
  remove(gone.ix, gone.id, registered(gone.ix, gone.id), none)
  table.insert(removals, {'ZREM', gone.index, gone.member})
  table.insert(removals, {'HDEL', gone.ix.registry, gone.id})
  unlist(gone.ix, gone.id)
end
local failed = flush()
if failed then
  return failed
end

local ends = {} -- the indexes of which an id has gone
for _, ix in ipairs(indexes) do
  local old, packed = ix.old, ix.packed
  if #absent > 0 or #indexes > 1 then -- what was changed since may be the record of this id
    old, packed = registered(ix, ix.id)
  end
  local there = reply == 1
  if mode ~= 'reconcile' then
    there = exists(ix.key)
  end
  if there and ix.begins then
    redis.call('HSET', ix.registry, '', '')
    for _, name in ipairs(ix.names) do
      redis.call('ZADD', keyOf(ix, name), 0, '')
    end
  end
  if there and mode == 'replace' and reply and reply ~= 0 then
    local stays, record = same(ix.entries), ''
    for _, entry in ipairs(ix.entries) do
      redis.call('ZADD', keyOf(ix, entry.name), 0, entry.value .. ix.id)
      record = record .. struct.pack('>I4c0I4c0', #entry.name, entry.name, #entry.value, entry.value)
    end
    if record ~= packed then
      redis.call('HSET', ix.registry, ix.id, record)
    end
    list(ix, packed)
    remove(ix, ix.id, ix.stray, stays)
    remove(ix, ix.id, old, stays)
  elseif there then
    if not packed then
      redis.call('HSET', ix.registry, ix.id, '')
    end
    list(ix, packed)
    remove(ix, ix.id, ix.stray, same(old))
  elseif ix.whole or mode == 'reconcile' then
    remove(ix, ix.id, ix.stray, none)
    remove(ix, ix.id, old, none)
    table.insert(removals, {'HDEL', ix.registry, ix.id})
    unlist(ix, ix.id)
    table.insert(ends, ix)
  else
    remove(ix, ix.id, ix.stray, none)
  end
end
failed = flush()
if failed then
  return failed
end

-- A store that has nothing left but its seals ends, unless its end could not be told from
-- the loss of its keys. The registry says so: an index may have been lost.
for _, ix in ipairs(ends) do
  local ending = exists(ix.registry) and redis.call('HLEN', ix.registry) == 1 and sealedRegistry(ix)
  for _, name in ipairs(ix.names) do
    local index = keyOf(ix, name)
    ending = ending and (not exists(index) or redis.call('ZCARD', index) == 1 and redis.call('ZSCORE', index, ''))
  end
  if ending and not evicts() then
    for _, name in ipairs(ix.names) do
      redis.call('UNLINK', keyOf(ix, name))
    end
    redis.call('UNLINK', ix.registry)
  end
end
