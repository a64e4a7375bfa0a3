-- how long to remember, id... -> OK
for i = 2, #ARGV do
  if redis.call('ZREM', p .. 'results', ARGV[i]) == 1 then
    redis.call('DEL', p .. 'result:' .. ARGV[i])
    redis.call('ZADD', p .. 'delivered', int(now), ARGV[i])
  end
end
redis.call('ZREMRANGEBYSCORE', p .. 'delivered', '-inf', int(now - tonumber(ARGV[1])))
return {'OK'}
