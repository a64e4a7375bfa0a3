-- after, limit -> OK {id, seq, key, room, node, epoch, body, ...}
local list = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', p .. 'results', '(' .. ARGV[1], '+inf', 'LIMIT', 0, ARGV[2])) do
  list[#list + 1] = id
  for _, v in ipairs(redis.call('HMGET', p .. 'result:' .. id, 'seq', 'key', 'room', 'node', 'epoch', 'body')) do list[#list + 1] = v end
end
return {'OK', list}
