-- -> OK how many, when the oldest was appended or ''
local first = redis.call('ZRANGE', p .. 'results', 0, 0)[1]
local since = first and redis.call('HGET', p .. 'result:' .. first, 'since') or ''
return {'OK', int(redis.call('ZCARD', p .. 'results')), since}
