-- What all scripts begin with. KEYS[1] is what every key begins with; the hash tag in it
-- keeps them all in one place, so that one script may touch any of them. Times are
-- microseconds. Numbers are doubles: whole ones are exact up to 2^53, and written by int,
-- because Lua itself writes 14 digits.
--
--   clock            hash: last, behind, born, epoch
--   version          of the last change of anything that is told to readers of changes
--   rooms            by when a room's record has to be looked at: its lease, or its grave
--   room:<room>      hash: node, epoch, expires, state, and what is published
--                    state: acquired, published; expired, released: only the epoch counts
--   changed, gone    rooms published and no longer, by version
--   codes            hash: room by code
--   holds:<room>     hash: "seats expires" by nonce
--   held             "room\nnonce" by when the hold expires
--   nodes, alive     hash: node by id; ids by when they expire
--   lease:<name>     hash: node, epoch, expires
--   ticket:<id>      hash: queue, version, expires, body
--   queue:<queue>    tickets by version
--   tickets          ids by when they expire
--   result:<id>      hash: seq, since, size, key, room, node, epoch, body
--   results          ids by seq
--   delivered        ids by when
local p = KEYS[1]

-- How long a room that is gone is remembered, so that an owner who does not know is told,
-- and readers of changes who were away.
local grave = 60 * 1000000

local function int(n) return string.format('%.0f', n) end

-- clock is the time, which never goes back: if the machine's does, then the difference is
-- added from there on. born is when this data began, after a loss anew.
local function clock()
  local t = redis.call('TIME')
  local c = redis.call('HMGET', p .. 'clock', 'last', 'behind', 'born')
  local last, behind = tonumber(c[1] or 0), tonumber(c[2] or 0)
  local now = t[1] * 1000000 + t[2] + behind
  if now < last then
    redis.call('HSET', p .. 'clock', 'behind', int(behind + last - now))
    now = last
  elseif now - last > 100000 then
    redis.call('HSET', p .. 'clock', 'last', int(now))
  end
  if not c[3] then redis.call('HSET', p .. 'clock', 'born', int(now)) end
  return now, tonumber(c[3] or now)
end

local now, born = clock()

-- epoch returns one above every earlier one and floor, at least now.
local function epoch(floor)
  local last = tonumber(redis.call('HGET', p .. 'clock', 'epoch') or 0)
  local e = int(math.max(last + 1, floor + 1, now))
  redis.call('HSET', p .. 'clock', 'epoch', e)
  return e
end

-- version returns one above every earlier one, also of data that has been lost.
local function version()
  local last = tonumber(redis.call('GET', p .. 'version') or 0)
  local v = int(math.max(last + 1, now))
  redis.call('SET', p .. 'version', v)
  return v
end

-- touch tells readers of changes that a published room is not what it was.
local function touch(room)
  local v = version()
  redis.call('HSET', p .. 'room:' .. room, 'version', v)
  redis.call('ZADD', p .. 'changed', v, room)
end

-- drop ends a hold, and tells whether there was one.
local function drop(room, nonce)
  redis.call('ZREM', p .. 'held', room .. '\n' .. nonce)
  return redis.call('HDEL', p .. 'holds:' .. room, nonce) == 1
end

-- held is how many seats of a room are held.
local function held(room)
  local seats = 0
  for _, h in ipairs(redis.call('HVALS', p .. 'holds:' .. room)) do
    local n, expires = string.match(h, '^(%d+) (%d+)$')
    if tonumber(expires) > now then seats = seats + tonumber(n) end
  end
  return seats
end

-- bury takes a room off the list; its epoch stays for a while.
local function bury(room, state)
  local key = p .. 'room:' .. room
  local r = redis.call('HMGET', key, 'node', 'epoch', 'code')
  if r[3] and redis.call('HGET', p .. 'codes', r[3]) == room then redis.call('HDEL', p .. 'codes', r[3]) end
  for _, nonce in ipairs(redis.call('HKEYS', p .. 'holds:' .. room)) do drop(room, nonce) end
  if redis.call('ZREM', p .. 'changed', room) == 1 then redis.call('ZADD', p .. 'gone', version(), room) end
  redis.call('DEL', key)
  redis.call('HSET', key, 'node', r[1], 'epoch', r[2], 'expires', '0', 'state', state)
  redis.call('ZADD', p .. 'rooms', int(now + grave), room)
end

-- sweep buries rooms whose lease has run out, and ends holds that have. It does a bounded
-- part of it at a time; many callers will go on.
local function sweep()
  for _, room in ipairs(redis.call('ZRANGEBYSCORE', p .. 'rooms', '-inf', int(now), 'LIMIT', 0, 500)) do
    local state = redis.call('HGET', p .. 'room:' .. room, 'state')
    if state == 'acquired' or state == 'published' then
      bury(room, 'expired')
    else
      redis.call('DEL', p .. 'room:' .. room)
      redis.call('ZREM', p .. 'rooms', room)
    end
  end
  for _, h in ipairs(redis.call('ZRANGEBYSCORE', p .. 'held', '-inf', int(now), 'LIMIT', 0, 500)) do
    local room, nonce = string.match(h, '^(.-)\n(.*)$')
    drop(room, nonce)
    touch(room)
  end
  redis.call('ZREMRANGEBYSCORE', p .. 'gone', '-inf', int(now - grave))
end

-- purge forgets tickets that have expired, a bounded part at a time.
local function purge(limit)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', p .. 'tickets', '-inf', int(now), 'LIMIT', 0, limit)) do
    local queue = redis.call('HGET', p .. 'ticket:' .. id, 'queue')
    if queue then redis.call('ZREM', p .. 'queue:' .. queue, id) end
    redis.call('DEL', p .. 'ticket:' .. id)
    redis.call('ZREM', p .. 'tickets', id)
  end
end
