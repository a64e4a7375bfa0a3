-- id, key, room, node, epoch, body -> OK | FENCED
local r = redis.call('HMGET', p .. 'room:' .. ARGV[3], 'node', 'epoch')
if r[1] then
  local e, stored = tonumber(ARGV[5]), tonumber(r[2])
  if e < stored or (e == stored and r[1] ~= ARGV[4]) then return {'FENCED'} end
end
if redis.call('EXISTS', p .. 'result:' .. ARGV[1]) == 1 or redis.call('ZSCORE', p .. 'delivered', ARGV[1]) then return {'OK'} end
local seq = version()
redis.call('HSET', p .. 'result:' .. ARGV[1], 'seq', seq, 'since', int(now), 'size', #ARGV[6], 'key', ARGV[2], 'room', ARGV[3], 'node', ARGV[4], 'epoch', ARGV[5], 'body', ARGV[6])
redis.call('ZADD', p .. 'results', seq, ARGV[1])
return {'OK'}
