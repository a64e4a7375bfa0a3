-- room, or '' and code -> OK room node epoch listing tick held | UNKNOWN
local room = ARGV[1]
if room == '' then room = redis.call('HGET', p .. 'codes', ARGV[2]) end
if not room then return {'UNKNOWN'} end
local r = redis.call('HMGET', p .. 'room:' .. room, 'expires', 'node', 'epoch', 'listing', 'tick')
if not r[1] or tonumber(r[1]) <= now then return {'UNKNOWN'} end
return {'OK', room, r[2], r[3], r[4] or '', r[5] or '0', int(held(room))}
