import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rooms, watchRooms } from '../src/match/index.js'
import { arrived, MatchEnv, problem, Stream, yes } from './matchmaker.js'

test('the list of rooms is asked for with its filter', async () => {
  const env = new MatchEnv()
  env.on('GET /v1/rooms', yes({ rooms: [{ room: 'r-1' }] }))
  const list = await rooms('pond', { env, filter: { map: 'ice' }, sort: 'latency', latencies: { eu: 20 }, limit: 5 })
  assert.deepEqual(
    list.map((info) => info.room),
    ['r-1'],
  )
  const asked = new URLSearchParams(env.asked[0]?.path.split('?')[1])
  assert.deepEqual(Object.fromEntries(asked), {
    game: 'pond',
    filter: '{"map":"ice"}',
    sort: 'latency',
    latencies: '{"eu":20}',
    limit: '5',
  })
})

test('a watched list follows what comes and goes, and goes on where its stream was cut', async () => {
  const env = new MatchEnv()
  const [stream, next] = [new Stream(), new Stream()]
  env.on('GET /v1/rooms/watch', stream.answer, next.answer)
  const seen: string[] = []
  const off = watchRooms('pond', { env }, (list) => seen.push([...list.keys()].join(' ')))
  await arrived()
  await stream.tell({ rooms: [{ room: 'a' }] }, 'list', '')
  await stream.tell({ rooms: [{ room: 'b' }] }, 'more', 'x-1')
  await stream.tell({ room: { room: 'c' } }, 'room', 'x-2')
  await stream.tell({ gone: 'a' }, 'gone', 'x-3')
  assert.deepEqual(seen, ['a b', 'a b c', 'b c'])
  await stream.end()
  await env.run(1000)
  await arrived()
  assert.equal(env.asked[1]?.headers['Last-Event-ID'], 'x-3')
  await next.tell({ rooms: [{ room: 'd' }] }, 'list', 'y-1')
  assert.equal(seen.at(-1), 'd')
  off()
  await arrived()
  await env.run(5000)
  assert.equal(env.asked.length, 2)
})

test('a list that cannot be watched says why', async () => {
  const env = new MatchEnv()
  env.on('GET /v1/rooms/watch', problem(422, { code: 'bad-query' }))
  const errors: unknown[] = []
  watchRooms(
    'pond',
    { env, free: 2 },
    () => {},
    (error) => errors.push((error as { code: string }).code),
  )
  await arrived()
  assert.deepEqual(errors, ['bad-query'])
})
