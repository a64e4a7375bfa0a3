-- after, limit -> OK {id, seq, since, key, room, node, epoch, size, ...}
local list = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', p .. 'results', '(' .. ARGV[1], '+inf', 'LIMIT', 0, ARGV[2])) do
  list[#list + 1] = id
  for _, v in ipairs(redis.call('HMGET', p .. 'result:' .. id, 'seq', 'since', 'key', 'room', 'node', 'epoch', 'size')) do list[#list + 1] = v end
end
return {'OK', list}
