-- What comes after the command of a write with indexes, whose reply is reply.
if type(reply) == 'table' and reply.err then
  return reply
end
for _, ix in ipairs(indexes) do
  local old, packed = ix.old, ix.packed
  if #absent > 0 or #indexes > 1 then -- what was changed since may be the record of this id
    old, packed = registered(ix, ix.id)
  end
  local there = reply == 1
  if mode ~= 'reconcile' then
    there = redis.call('EXISTS', ix.key) == 1
  end
  if there and mode == 'replace' and reply and reply ~= 0 then
    local stays, record = same(ix.entries), ''
    remove(ix, ix.id, ix.stray, stays)
    remove(ix, ix.id, old, stays)
    for _, entry in ipairs(ix.entries) do
      redis.call('ZADD', ix.registry .. ':' .. entry.name, 0, entry.value .. ix.id)
      record = record .. struct.pack('>I4c0I4c0', #entry.name, entry.name, #entry.value, entry.value)
    end
    if record ~= packed then
      redis.call('HSET', ix.registry, ix.id, record)
    end
  elseif there then
    remove(ix, ix.id, ix.stray, same(old))
    if not packed then
      redis.call('HSET', ix.registry, ix.id, '')
    end
  elseif ix.whole or mode == 'reconcile' then
    remove(ix, ix.id, ix.stray, none)
    remove(ix, ix.id, old, none)
    redis.call('HDEL', ix.registry, ix.id)
  else
    remove(ix, ix.id, ix.stray, none)
  end
end
