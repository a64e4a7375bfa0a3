import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createParty, join, latencies, queue, rooms } from '../src/match/index.js'
import { settle } from './env.js'
import { arrived, MatchEnv, problem, yes } from './matchmaker.js'
import { seat } from './seated.js'

const ticket = { ticket: 't-1', secret: 's-1', expires: '2026-01-01T00:00:00Z' }

/** An Env whose server knows two regions that answer after so many milliseconds, in turn. */
function regional(eu: number[], us: number[]): MatchEnv {
  const env = new MatchEnv()
  env.on(
    'GET /v1/regions',
    yes({
      regions: [
        { region: 'eu', ping: 'https://eu.example/eu' },
        { region: 'us', ping: 'https://us.example/us' },
      ],
    }),
  )
  for (const [path, takes] of [
    ['/eu', eu],
    ['/us', us],
  ] as const) {
    const answers = takes.map(
      (ms) => () =>
        new Promise<Response>((answer) => {
          env.after(ms, () => answer(new Response(null, { status: 204 })))
        }),
    )
    env.on(`GET ${path}`, ...answers)
  }
  return env
}

/** Lets time pass until a promise is settled. */
async function soon<T>(env: MatchEnv, promise: Promise<T>): Promise<T> {
  let over = false
  const end = () => {
    over = true
  }
  promise.then(end, end)
  while (!over) {
    await settle()
    env.pass(10)
  }
  return promise
}

/** What was asked of the start of a path. */
const of = (env: MatchEnv, path: string) => env.asked.filter((a) => a.path.startsWith(path))

test('the best of three round trips counts, and is known for a minute', async () => {
  const env = regional([90, 20, 30], [0])
  env.on('GET /us', () => Promise.reject(new TypeError('network')))
  assert.deepEqual(await soon(env, latencies({ env, auth: 'jwt-1' })), { eu: 20 })
  assert.equal(of(env, '/eu').length, 3)
  assert.ok(of(env, '/eu').every(({ headers }) => headers === undefined)) // nothing of our login
  env.time += 50_000
  await latencies({ env })
  assert.equal(of(env, '/v1/regions').length, 1)
  env.time += 10_000
  await soon(env, latencies({ env }))
  assert.equal(of(env, '/v1/regions').length, 2)
  await soon(env, latencies({ env, url: 'https://other.example' }))
  assert.equal(of(env, '/v1/regions').length, 3)
})

test('a region that takes too long is left out', async () => {
  const env = regional([30], [0])
  const never: Parameters<MatchEnv['on']>[1] = ({ signal }) =>
    new Promise((_, fail) => signal?.addEventListener('abort', () => fail(signal.reason)))
  env.on('GET /us', never)
  const found = latencies({ env })
  assert.deepEqual(await soon(env, found), { eu: 30 })
})

test('a server that does not tell of regions is asked again the next time', async () => {
  const env = new MatchEnv()
  env.on('GET /v1/regions', problem(404, { code: 'not-found' }), yes({ regions: [] }))
  assert.deepEqual(await latencies({ env }), {})
  assert.deepEqual(await latencies({ env }), {})
  assert.equal(of(env, '/v1/regions').length, 2)
})

test('a join of the nearest room, a list, a ticket and a party say what was measured', async () => {
  const env = regional([20], [110])
  const near = { eu: 20, us: 110 }
  env.on('POST /v1/match', yes(seat))
  void join('pond', { env, sort: 'latency' }).catch(() => {})
  await soon(env, latencies({ env })) // the same round trips
  await settle()
  assert.deepEqual(of(env, '/v1/match')[0]?.body, { game: 'pond', sort: 'latency', latencies: near })
  env.on('GET /v1/rooms', yes({ rooms: [] }))
  await rooms('pond', { env, sort: 'latency' })
  assert.equal(new URLSearchParams(of(env, '/v1/rooms')[0]?.path.split('?')[1]).get('latencies'), JSON.stringify(near))
  env.on('POST /v1/tickets', yes(ticket))
  await queue('pond', 'duel', { env, name: 'Ada' })
  assert.deepEqual(of(env, '/v1/tickets')[0]?.body, { game: 'pond', queue: 'duel', name: 'Ada', latencies: near })
  env.on('POST /v1/parties', yes({ party: '7KX0QM', members: ['Ada'] }))
  await createParty('pond', { env, latencies: { eu: 3 } })
  assert.deepEqual(of(env, '/v1/parties')[0]?.body, { game: 'pond', latencies: { eu: 3 } })
  assert.equal(of(env, '/v1/regions').length, 1)
})

test('nobody measures who has measured, or does not ask for the nearest', async () => {
  const env = regional([20], [110])
  env.on('POST /v1/match', yes(seat))
  void join('pond', { env }).catch(() => {})
  void join('pond', { env, sort: 'latency', latencies: { eu: 1 } }).catch(() => {})
  env.on('POST /v1/tickets', yes(ticket))
  await queue('pond', 'duel', { env, latencies: {} })
  await arrived()
  assert.equal(of(env, '/v1/regions').length, 0)
  assert.deepEqual(of(env, '/v1/match')[1]?.body, { game: 'pond', sort: 'latency', latencies: { eu: 1 } })
})
