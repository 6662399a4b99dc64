-- KEYS: a collection, or none for the keys of the server. ARGV: a cursor, the server it is
-- of, and the command that scans, with its further arguments.
--
-- To another server a cursor means something else, even where the data is the same: what it
-- leaves out would be missed without a word. So behind the elements of a page that is not
-- the last stands what tells this run of this server from all others.
local cursor, begun = ARGV[1], ARGV[2]
local command = {ARGV[3], KEYS[1]}
command[#command + 1] = cursor
for i = 4, #ARGV do
  command[#command + 1] = ARGV[i]
end
local function server()
  local info = redis.pcall('INFO', 'server')
  return type(info) == 'string' and string.match(info, 'run_id:(%w+)') or ''
end
local here = cursor ~= '0' and server()
if here and begun ~= '' and begun ~= here then
  return redis.error_reply('INTERRUPTED the cursor is of another server')
end
local page = redis.call(unpack(command))
if page[1] ~= '0' then
  page[2][#page[2] + 1] = here or server()
end
return page
