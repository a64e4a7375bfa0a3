-- room, nonce, seats, for -> OK node epoch | UNKNOWN | FULL
local room, nonce, seats = ARGV[1], ARGV[2], tonumber(ARGV[3])
local r = redis.call('HMGET', p .. 'room:' .. room, 'node', 'epoch', 'expires', 'state', 'free')
if r[4] ~= 'published' or tonumber(r[3]) <= now then return {'UNKNOWN'} end
local h = redis.call('HGET', p .. 'holds:' .. room, nonce)
if h and tonumber(string.match(h, ' (%d+)$')) > now then return {'OK', r[1], r[2]} end
if seats < 1 or tonumber(r[5]) - held(room) < seats then return {'FULL'} end
local expires = int(now + tonumber(ARGV[4]))
redis.call('HSET', p .. 'holds:' .. room, nonce, seats .. ' ' .. expires)
redis.call('ZADD', p .. 'held', expires, room .. '\n' .. nonce)
touch(room)
return {'OK', r[1], r[2]}
