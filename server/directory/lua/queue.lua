-- queue, life, since, limit -> OK life next all more {id, version, left, body, ...}
purge(1000)
local since, limit = tonumber(ARGV[3]), tonumber(ARGV[4])
local all = ARGV[2] ~= int(born)
if all then since = 0 end
local ids = redis.call('ZRANGEBYSCORE', p .. 'queue:' .. ARGV[1], '(' .. int(since), '+inf', 'LIMIT', 0, limit)
local next, list = math.max(since, tonumber(redis.call('GET', p .. 'version') or 0)), {}
for _, id in ipairs(ids) do
  local t = redis.call('HMGET', p .. 'ticket:' .. id, 'version', 'expires', 'body')
  if #ids == limit then next = tonumber(t[1]) end
  if tonumber(t[2]) > now then
    for _, v in ipairs({id, t[1], int(tonumber(t[2]) - now), t[3]}) do list[#list + 1] = v end
  end
end
return {'OK', int(born), int(next), all and '1' or '0', #ids == limit and '1' or '0', list}
