-- name, node, lease -> OK epoch | FENCED
local key = p .. 'lease:' .. ARGV[1]
local l = redis.call('HMGET', key, 'node', 'epoch', 'expires')
local running = l[1] and tonumber(l[3]) > now
if running and l[1] ~= ARGV[2] then return {'FENCED'} end
local e = running and l[2] or epoch(0)
redis.call('HSET', key, 'node', ARGV[2], 'epoch', e, 'expires', int(now + tonumber(ARGV[3])))
return {'OK', e}
