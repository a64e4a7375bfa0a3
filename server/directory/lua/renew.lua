-- room, node, epoch, lease, look, tick, free, code, listing, nonce or '' -> OK | FENCED | CODE
local room, node, e, lease, look = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local code, listing, nonce = ARGV[8], ARGV[9], ARGV[10]
local key = p .. 'room:' .. room
local r = redis.call('HMGET', key, 'node', 'epoch', 'state', 'look', 'listing', 'code', 'expires')
local mine = r[1] == node and r[2] == ARGV[3]
if r[1] then
  local stored = tonumber(r[2])
  if e < stored or (e == stored and not mine) or (mine and r[3] == 'released') then return {'FENCED'} end
end
if code ~= '' then
  local other = redis.call('HGET', p .. 'codes', code)
  if other and other ~= room and tonumber(redis.call('HGET', p .. 'room:' .. other, 'expires') or 0) > now then return {'CODE'} end
end
local lapsed = mine and r[3] ~= 'expired' and tonumber(r[7]) <= now -- though nobody has swept it away
if r[1] and (lapsed or not mine) then
  bury(room, 'expired')
  r = {}
end
if not mine then -- this data has been lost, or a successor's part of it
  redis.call('HSET', key, 'node', node, 'epoch', ARGV[3])
  if e > tonumber(redis.call('HGET', p .. 'clock', 'epoch') or 0) then redis.call('HSET', p .. 'clock', 'epoch', ARGV[3]) end
end
redis.call('HSET', key, 'expires', int(now + lease))
redis.call('ZADD', p .. 'rooms', int(now + lease), room)
local changed = nonce ~= '' and drop(room, nonce)
if r[3] ~= 'published' or look >= tonumber(r[4]) then
  redis.call('HSET', key, 'state', 'published', 'look', ARGV[5], 'tick', ARGV[6], 'free', ARGV[7], 'code', code, 'listing', listing)
  if r[6] and r[6] ~= code and redis.call('HGET', p .. 'codes', r[6]) == room then redis.call('HDEL', p .. 'codes', r[6]) end
  if code ~= '' then redis.call('HSET', p .. 'codes', code, room) end
  changed = changed or r[3] ~= 'published' or r[5] ~= listing
end
if changed then
  redis.call('ZREM', p .. 'gone', room)
  touch(room)
end
return {'OK'}
