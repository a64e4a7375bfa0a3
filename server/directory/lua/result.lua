-- id -> OK id seq since key room node epoch size body | UNKNOWN
local r = redis.call('HMGET', p .. 'result:' .. ARGV[1], 'seq', 'since', 'key', 'room', 'node', 'epoch', 'size', 'body')
if not r[1] then return {'UNKNOWN'} end
return {'OK', ARGV[1], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8]}
