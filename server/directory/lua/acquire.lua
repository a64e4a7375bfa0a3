-- room, node, floor, lease -> OK epoch | FENCED
local room, node, floor, lease = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local key = p .. 'room:' .. room
local r = redis.call('HMGET', key, 'node', 'expires', 'state')
if r[1] and r[1] ~= node and tonumber(r[2]) > now then return {'FENCED'} end
-- Whoever names a floor takes over. Somebody may hold the room whom this data, younger
-- than a lease, does not know yet.
if not r[1] and floor > 0 and now < born + lease then return {'FENCED'} end
if r[1] then bury(room, 'expired') end
local e = epoch(floor)
redis.call('DEL', key)
redis.call('HSET', key, 'node', node, 'epoch', e, 'expires', int(now + lease), 'state', 'acquired')
redis.call('ZADD', p .. 'rooms', int(now + lease), room)
return {'OK', e}
