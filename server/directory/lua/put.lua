-- name, node, epoch of a lease or three times '', then of each ticket: id, queue, version,
-- for, body -> OK version... | FENCED | CONFLICT
if ARGV[1] ~= '' then
  local l = redis.call('HMGET', p .. 'lease:' .. ARGV[1], 'node', 'epoch', 'expires')
  if l[1] ~= ARGV[2] or l[2] ~= ARGV[3] or tonumber(l[3]) <= now then return {'FENCED'} end
end
purge(100)
local other = {} -- the queue that an expired ticket of that id is still in
for i = 4, #ARGV, 5 do
  local t = redis.call('HMGET', p .. 'ticket:' .. ARGV[i], 'queue', 'version', 'expires')
  if t[1] and tonumber(t[3]) > now then
    if t[2] ~= ARGV[i + 2] or t[1] ~= ARGV[i + 1] then return {'CONFLICT'} end
  else
    if ARGV[i + 2] ~= '0' then return {'CONFLICT'} end
    other[i] = t[1]
  end
end
local reply = {'OK'}
for i = 4, #ARGV, 5 do
  local id, queue, expires, v = ARGV[i], ARGV[i + 1], int(now + tonumber(ARGV[i + 3])), version()
  if other[i] then redis.call('ZREM', p .. 'queue:' .. other[i], id) end
  redis.call('HSET', p .. 'ticket:' .. id, 'queue', queue, 'version', v, 'expires', expires, 'body', ARGV[i + 4])
  redis.call('ZADD', p .. 'queue:' .. queue, v, id)
  redis.call('ZADD', p .. 'tickets', expires, id)
  reply[#reply + 1] = v
end
return reply
