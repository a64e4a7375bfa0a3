-- id -> OK queue version left body | UNKNOWN
local t = redis.call('HMGET', p .. 'ticket:' .. ARGV[1], 'queue', 'version', 'expires', 'body')
if not t[1] or tonumber(t[3]) <= now then return {'UNKNOWN'} end
return {'OK', t[1], t[2], int(tonumber(t[3]) - now), t[4]}
