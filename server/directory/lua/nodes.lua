-- -> OK {node...}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', p .. 'alive', '-inf', int(now))) do
  redis.call('HDEL', p .. 'nodes', id)
  redis.call('ZREM', p .. 'alive', id)
end
return {'OK', redis.call('HVALS', p .. 'nodes')}
