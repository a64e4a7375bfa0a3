-- life, since, limit, 1 to continue a first reading ->
--   OK life next all more {gone...} {room, node, epoch, listing, tick, held, ...}
-- next is where to go on; all is 1 if what was read before is worthless.
sweep()
local since, limit = tonumber(ARGV[2]), tonumber(ARGV[3])
local all = ARGV[1] ~= int(born) or (ARGV[4] ~= '1' and since < now - grave)
if all then since = 0 end
local rooms = redis.call('ZRANGEBYSCORE', p .. 'changed', '(' .. int(since), '+inf', 'LIMIT', 0, limit)
local gone = {}
if not all then gone = redis.call('ZRANGEBYSCORE', p .. 'gone', '(' .. int(since), '+inf') end
-- A version is at least the time; all that are given out from now on are above this one.
local next, list = tonumber(version()), {}
for _, room in ipairs(rooms) do
  local r = redis.call('HMGET', p .. 'room:' .. room, 'node', 'epoch', 'listing', 'tick', 'version')
  for _, v in ipairs({room, r[1], r[2], r[3], r[4], int(held(room))}) do list[#list + 1] = v end
  if #rooms == limit then next = tonumber(r[5]) end
end
return {'OK', int(born), int(next), all and '1' or '0', #rooms == limit and '1' or '0', gone, list}
