-- room, node, epoch -> OK | FENCED
local r = redis.call('HMGET', p .. 'room:' .. ARGV[1], 'node', 'epoch')
if not r[1] then return {'OK'} end
local e, stored = tonumber(ARGV[3]), tonumber(r[2])
if e < stored or (e == stored and r[1] ~= ARGV[2]) then return {'FENCED'} end
redis.call('HSET', p .. 'room:' .. ARGV[1], 'node', ARGV[2], 'epoch', ARGV[3])
bury(ARGV[1], 'released')
return {'OK'}
