-- id, lease, node or '' to withdraw -> OK
if ARGV[3] ~= '' then
  redis.call('HSET', p .. 'nodes', ARGV[1], ARGV[3])
  redis.call('ZADD', p .. 'alive', int(now + tonumber(ARGV[2])), ARGV[1])
else
  redis.call('HDEL', p .. 'nodes', ARGV[1])
  redis.call('ZREM', p .. 'alive', ARGV[1])
end
sweep()
return {'OK'}
