import assert from 'node:assert/strict'
import { test } from 'node:test'
import { join } from '../src/join.js'
import { FakeEnv, json, settle } from './env.js'
import { failure, one, type Pond, seat, seated } from './seated.js'
import { goodbye, snapshot, welcome } from './server.js'

test('a refused match becomes an error with the code and hint of the problem', async () => {
  const env = new FakeEnv()
  env.answers = [
    json(404, { code: 'unknown-game', detail: 'No game is called chess.', hint: 'This server has: arena.' }),
  ]
  const error = await failure(join('chess', { env }))
  assert.equal(error.code, 'unknown-game')
  assert.equal(error.reason, 'No game is called chess.')
  assert.equal(error.message, 'No game is called chess. (This server has: arena.)')
  assert.equal(error.hint, 'This server has: arena.')
})

test('a spectator has no seat to come back to, and sends no inputs', async () => {
  const env = new FakeEnv()
  env.answers = [json(200, seat)]
  const joining = join<Pond>('pond', { env, spectate: true })
  await settle()
  assert.deepEqual(env.posts[0]?.body, { game: 'pond', name: undefined, spectate: true })
  env.socket.open()
  env.socket.receive(welcome({ seat: 65535, secret: '' }))
  env.socket.receive(snapshot(one))
  const room = await joining
  await settle()
  env.socket.take()
  room.input({ turn: 1 })
  env.pass(200)
  assert.ok(env.socket.take().every((frame) => frame.inputsLength() === 0))
  const { socket } = env
  socket.end(1006)
  env.pass(5000)
  await settle()
  assert.equal(room.connState, 'closed')
  assert.equal(env.socket, socket)
  assert.equal(env.storage.getItem('roomtick.seat.pond'), null)
  assert.equal(env.storage.getItem('roomtick.watch.pond'), null)
})

test('a server that does not answer is told apart', async () => {
  const env = new FakeEnv()
  assert.equal((await failure(join('pond', { env }), env)).code, 'unreachable')
  assert.equal(env.posts.length, 6)
})

test('a goodbye instead of a welcome rejects the join with its reason', async () => {
  const env = new FakeEnv()
  env.answers = [json(200, seat)]
  const joining = join('pond', { env })
  await settle()
  env.socket.open()
  env.socket.receive(goodbye(4018, false))
  env.socket.end(4018)
  const error = await failure(joining)
  assert.equal(error.code, 'room-full')
  assert.equal(error.hint, 'do this')
})

test('a match that is refused for now is asked for again when the server says', async () => {
  for (const status of [429, 503]) {
    const env = new FakeEnv()
    env.answers = [json(status, { code: 'busy' }, { 'Retry-After': '3' }), json(200, seat)]
    void join('pond', { env }).catch(() => {})
    await settle()
    env.pass(2999)
    await settle()
    assert.equal(env.posts.length, 1)
    env.pass(200)
    await settle()
    assert.equal(env.posts.length, 2)
    assert.equal(env.sockets.length, 1)
  }
})

test('a server that stays busy, or wants a long wait, rejects the join', async () => {
  const env = new FakeEnv()
  env.answers = [json(503, { code: 'busy' })]
  assert.equal((await failure(join('pond', { env }), env)).code, 'busy')
  assert.equal(env.posts.length, 6)
  env.answers = [json(503, { code: 'closed' }, { 'Retry-After': '3600' })]
  assert.equal((await failure(join('pond', { env }))).code, 'closed')
})

test('a first conn that is lost before its welcome is followed by another seat', async () => {
  const env = new FakeEnv()
  env.answers = [json(200, seat), json(200, { ...seat, token: 'tok2' })]
  const joining = join<Pond>('pond', { env })
  await settle()
  env.socket.open()
  env.socket.end(1006)
  await settle()
  env.pass(200)
  await settle()
  assert.deepEqual(env.socket.protocols, ['roomtick.v1', 'seat.tok2'])
  env.socket.open()
  env.socket.receive(goodbye(4017, true, 2000))
  env.socket.end(4017)
  await settle()
  env.pass(1999)
  await settle()
  assert.equal(env.sockets.length, 2)
  env.pass(300)
  await settle()
  env.socket.open()
  env.socket.receive(welcome())
  env.socket.receive(snapshot(one))
  assert.equal((await joining).connState, 'open')
})

test('a reload keeps the seat', async () => {
  const { env } = await seated()
  const reloaded = new FakeEnv()
  for (const [key, value] of env.stored) reloaded.stored.set(key, value)
  const joining = join<Pond>('pond', { env: reloaded })
  await settle()
  assert.equal(reloaded.posts.length, 0)
  assert.deepEqual(reloaded.socket.protocols, ['roomtick.v1', 'resume.secret-1'])
  reloaded.socket.open()
  reloaded.socket.receive(welcome({ resumed: true }))
  reloaded.socket.receive(snapshot(one))
  assert.equal((await joining).seat, 3)
})

test('a duplicated tab becomes a new player', async () => {
  const { env } = await seated()
  const copy = new FakeEnv(env.locks)
  for (const [key, value] of env.stored) copy.stored.set(key, value)
  copy.answers = [json(200, { ...seat, token: 'tok2' })]
  void join<Pond>('pond', { env: copy }).catch(() => {})
  await settle()
  assert.equal(copy.posts.length, 1)
  assert.deepEqual(copy.socket.protocols, ['roomtick.v1', 'seat.tok2'])
})

test('a stored seat is given up if the module that resumes it does not come', async () => {
  const { env } = await seated()
  const reloaded = new FakeEnv()
  for (const [key, value] of env.stored) reloaded.stored.set(key, value)
  reloaded.answers = [json(200, { ...seat, token: 'tok2' })]
  reloaded.keeping = () => Promise.reject(new Error('no such file'))
  void join<Pond>('pond', { env: reloaded }).catch(() => {})
  await settle()
  assert.deepEqual(reloaded.socket.protocols, ['roomtick.v1', 'seat.tok2'])
})

test('a stored seat that is gone gives way to a new one', async () => {
  const { env } = await seated()
  const reloaded = new FakeEnv()
  for (const [key, value] of env.stored) reloaded.stored.set(key, value)
  reloaded.answers = [json(200, { ...seat, token: 'tok2' })]
  const joining = join<Pond>('pond', { env: reloaded })
  await settle()
  reloaded.socket.open()
  reloaded.socket.receive(goodbye(4007, false))
  reloaded.socket.end(4007)
  await settle()
  assert.deepEqual(reloaded.socket.protocols, ['roomtick.v1', 'seat.tok2'])
  reloaded.socket.open()
  reloaded.socket.receive(welcome())
  reloaded.socket.receive(snapshot(one))
  assert.equal((await joining).connState, 'open')
})

/** A reloaded page that finds the seat of another. */
async function reload(): Promise<{ env: FakeEnv; joining: Promise<unknown> }> {
  const { env } = await seated()
  const reloaded = new FakeEnv()
  for (const [key, value] of env.stored) reloaded.stored.set(key, value)
  reloaded.answers = [json(200, { ...seat, token: 'tok2' })]
  const joining = join<Pond>('pond', { env: reloaded })
  joining.catch(() => {})
  await settle()
  return { env: reloaded, joining }
}

test('a reload whose first sockets fail keeps the seat', async () => {
  const { env, joining } = await reload()
  env.socket.end(1006)
  await settle()
  env.pass(200)
  env.socket.open()
  env.socket.receive(goodbye(4017, true, 100)) // the server goes away for a moment
  env.socket.end(4017)
  await settle()
  env.pass(500)
  assert.equal(env.posts.length, 0)
  assert.equal(env.stored.size, 1)
  assert.deepEqual(env.socket.protocols, ['roomtick.v1', 'resume.secret-1'])
  env.socket.open()
  env.socket.receive(welcome({ resumed: true }))
  env.socket.receive(snapshot(one))
  await joining
})

test('a reload whose server stays away asks for a new seat, and forgets the old one for that only', async () => {
  const { env } = await reload()
  const gone = () => {
    for (const socket of env.sockets) socket.end(1006)
    env.pass(1000)
  }
  for (let i = 0; i < 32; i++) gone()
  await settle()
  assert.equal(env.stored.size, 1)
  assert.equal(env.posts.length, 1)
  assert.deepEqual(env.socket.protocols, ['roomtick.v1', 'seat.tok2'])
})
