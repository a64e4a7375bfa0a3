import assert from 'node:assert/strict'
import { test } from 'node:test'
import { join } from '../src/match/index.js'
import { settle } from './env.js'
import { MatchEnv, problem, yes } from './matchmaker.js'
import { failure, one, type Pond, seat } from './seated.js'
import { snapshot, welcome } from './server.js'

/** The server of the last socket seats us. */
async function welcomed(env: MatchEnv): Promise<void> {
  await settle()
  env.socket.open()
  env.socket.receive(welcome())
  env.socket.receive(snapshot(one))
  await settle()
}

test('a join says which room it wants and who asks, and tells the code of its private room', async () => {
  const env = new MatchEnv()
  env.on('POST /v1/match', yes({ ...seat, code: '7KX0QM' }))
  const joining = join<Pond>('pond', {
    env,
    name: 'Ada',
    create: true,
    private: true,
    filter: { map: { in: ['dust', 'ice'] } },
    auth: () => Promise.resolve('jwt-1'),
  })
  await welcomed(env)
  const room = await joining
  assert.equal(room.code, '7KX0QM')
  assert.equal(room.connState, 'open')
  const [asked] = env.asked
  assert.deepEqual(asked?.body, {
    game: 'pond',
    name: 'Ada',
    create: true,
    private: true,
    filter: { map: { in: ['dust', 'ice'] } },
  })
  assert.equal(asked?.headers.Authorization, 'Bearer jwt-1')
})

test('the answer that was lost is asked for under its key again, the next seat under another', async () => {
  const env = new MatchEnv()
  env.on('POST /v1/match', () => Promise.reject(new TypeError('network')), yes(seat), yes({ ...seat, token: 'tok2' }))
  const joining = join<Pond>('pond', { env })
  await env.run(200)
  env.socket.end(1006) // before the welcome: the token may be used
  await env.run(200)
  await welcomed(env)
  await joining
  const [first, again, another] = env.asked.map(({ headers }) => headers['Idempotency-Key'])
  assert.equal(env.asked.length, 3)
  assert.ok(first)
  assert.equal(again, first)
  assert.notEqual(another, first)
})

test('a code that opens nothing is an error with its hint, and asked for once', async () => {
  const env = new MatchEnv()
  env.on('POST /v1/match', problem(404, { code: 'no-entry', detail: 'No.', hint: 'Ask for the code.' }))
  const error = await failure(join('pond', { env, code: 'ABCDEF' }))
  assert.deepEqual([error.code, error.hint, env.asked.length], ['no-entry', 'Ask for the code.', 1])
})

test('a reload with the code of the room that was made finds the seat, another code does not', async () => {
  const env = new MatchEnv()
  env.on('POST /v1/match', yes({ ...seat, code: '7KX0QM' }))
  const joining = join<Pond>('pond', { env, create: true, private: true })
  await welcomed(env)
  await joining

  const reloaded = env.reload()
  void join<Pond>('pond', { env: reloaded, code: '7kx-0qm' }).catch(() => {})
  await settle()
  assert.deepEqual(reloaded.socket.protocols, ['roomtick.v1', 'resume.secret-1'])
  assert.equal(reloaded.asked.length, 0)

  const other = env.reload()
  other.on('POST /v1/match', yes({ ...seat, token: 'tok2' }))
  void join<Pond>('pond', { env: other, code: 'ABCDEF' }).catch(() => {})
  await settle()
  assert.deepEqual(other.socket.protocols, ['roomtick.v1', 'seat.tok2'])
})

test('who makes a room gets a new one, though a seat is kept', async () => {
  const env = new MatchEnv()
  env.on('POST /v1/match', yes(seat))
  const joining = join<Pond>('pond', { env })
  await welcomed(env)
  await joining
  const reloaded = env.reload()
  reloaded.on('POST /v1/match', yes({ ...seat, token: 'tok2' }))
  void join<Pond>('pond', { env: reloaded, create: true }).catch(() => {})
  await settle()
  assert.deepEqual(reloaded.socket.protocols, ['roomtick.v1', 'seat.tok2'])
})
