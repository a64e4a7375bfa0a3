import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RoomError } from '../src/errors.js'
import { join } from '../src/join.js'
import type { Room } from '../src/room.js'
import type { Entity, Table } from '../src/store.js'
import { FakeEnv, type FakeSocket, json, settle } from './env.js'
import {
  booms,
  clockReply,
  ducks,
  goodbye,
  keyframe,
  noRows,
  type SnapshotOptions,
  snapshot,
  welcome,
} from './server.js'

interface Pond {
  state: { ducks: Table<{ hp: number; ammo?: number }>; match: Entity<{ phase: number }> | undefined }
  input: { turn: number; fire: boolean }
  events: { boom: { size: number } }
  sends: { chat: { text: string } }
}

const seat = { room: 'pond-1', url: '/v1/rooms/pond-1/ws', token: 'tok', expires: '2026-01-01T00:00:00Z' }

const world = (rows: Record<number, number>) => keyframe(0, 0, [ducks(rows), noRows, { ids: [1], columns: [[2]] }])

const first: SnapshotOptions = { tick: 2, deltas: world({ 7: 100 }) }

/** Joins a room whose server welcomes and sends a first snapshot. */
async function seated(env = new FakeEnv()): Promise<{ env: FakeEnv; room: Room<Pond>; states: string[] }> {
  env.answers = [json(200, seat)]
  const joining = join<Pond>('pond', { name: 'Ada', env })
  await settle()
  env.socket.open()
  env.socket.receive(welcome())
  env.socket.receive(snapshot(first))
  const room = await joining
  const states: string[] = []
  room.on('state', (s) => states.push(s))
  return { env, room, states }
}

/** Takes the last conn away and lets the client come back; returns the new socket. */
function cut(env: FakeEnv): FakeSocket {
  env.socket.end()
  env.pass(200)
  env.socket.open()
  return env.socket
}

async function failure(joining: Promise<unknown>): Promise<RoomError> {
  const error = await joining.then(
    () => undefined,
    (e: unknown) => e,
  )
  assert.ok(error instanceof RoomError, `${error}`)
  return error
}

test('join asks for a seat, shows its token and says hello first', async () => {
  const { env, room } = await seated()
  assert.deepEqual(env.posts, [{ url: 'https://play.example/v1/match', body: { game: 'pond', name: 'Ada' } }])
  assert.equal(env.socket.url, 'wss://play.example/v1/rooms/pond-1/ws')
  assert.deepEqual(env.socket.protocols, ['roomtick.v1', 'seat.tok'])
  const [hello] = env.socket.take()
  assert.match(hello?.hello()?.sdk() ?? '', /^roomtick-js/)
  assert.equal(hello?.hello()?.tick(), 0)
  assert.equal(room.connState, 'open')
  assert.equal(room.seat, 3)
  assert.equal(room.state.ducks.get(7)?.hp, 100)
  assert.equal(room.state.match?.phase, 2)
})

test('a refused match becomes an error with the code and hint of the problem', async () => {
  const env = new FakeEnv()
  env.answers = [
    json(404, { code: 'unknown-game', detail: 'No game is called chess.', hint: 'This server has: arena.' }),
  ]
  const error = await failure(join('chess', { env }))
  assert.equal(error.code, 'unknown-game')
  assert.equal(error.message, 'No game is called chess.')
  assert.equal(error.hint, 'This server has: arena.')
})

test('a server that does not answer is told apart', async () => {
  assert.equal((await failure(join('pond', { env: new FakeEnv() }))).code, 'unreachable')
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

test('snapshots are acknowledged within 50 ms, from the handler if timers sleep', async () => {
  const { env } = await seated()
  env.pass(50)
  env.socket.take()
  env.socket.receive(snapshot({ tick: 3 }))
  env.pass(50)
  assert.equal(env.socket.take().pop()?.state()?.ack(), 3)
  env.time += 1000 // a hidden tab: no timer has run
  env.socket.receive(snapshot({ tick: 4 }))
  assert.equal(env.socket.take().pop()?.state()?.ack(), 4)
})

test('inputs go out at the tick rate, for consecutive ticks', async () => {
  const { env, room } = await seated()
  room.input({ turn: 1 })
  const ticks: number[] = []
  for (let tick = 3; tick < 13; tick++) {
    env.socket.receive(snapshot({ tick }))
    env.pass(50)
    for (const frame of env.socket.take()) {
      const inputs = frame.inputsArray()
      if (!inputs) continue
      const base = new DataView(inputs.buffer, inputs.byteOffset).getUint32(0, true)
      for (let at = 4; at < inputs.length; at += 3) ticks.push(base + (inputs[at] ?? 0))
    }
  }
  assert.ok(ticks.length >= 10)
  ticks.forEach((tick, i) => {
    assert.equal(tick, (ticks[0] ?? 0) + i)
  })
})

test('the clock asks, and the answer gives the room its server tick', async () => {
  const { env, room } = await seated()
  const asked = env.socket.take().find((f) => f.clock())
  const sent = asked?.clock()?.sent()
  assert.ok(sent !== undefined)
  env.time += 40
  env.socket.receive(clockReply(sent, 500, 500))
  assert.ok(Math.abs(room.clock.rtt - 40) < 0.1)
  assert.ok(Math.abs(room.serverTick() - (520 * 20) / 1000) < 0.01)
})

test('a group hash is reported about once a second, for the tick just applied', async () => {
  const { env } = await seated()
  env.pass(50)
  const hashes = () => env.socket.take().filter((f) => f.hashesLength() > 0)
  assert.equal(hashes()[0]?.hashes(0)?.tick(), 2)
  env.socket.receive(snapshot({ tick: 3, deltas: world({ 7: 99 }) }))
  env.pass(500)
  assert.equal(hashes().length, 0)
  env.pass(600)
  env.socket.receive(snapshot({ tick: 4, deltas: world({ 7: 98 }) }))
  env.pass(100)
  assert.equal(hashes()[0]?.hashes(0)?.tick(), 4)
})

test('events arrive after their snapshot was applied, once each', async () => {
  const { env, room } = await seated()
  const seen: string[] = []
  room.events.on('boom', ({ size }) => seen.push(`${size} hp ${room.state.ducks.get(7)?.hp}`))
  const events = booms(5)
  env.socket.receive(snapshot({ tick: 3, deltas: world({ 7: 50 }), events, eventSeq: 1 }))
  env.socket.receive(snapshot({ tick: 4, deltas: world({ 7: 40 }), events, eventSeq: 1 }))
  assert.deepEqual(seen, ['5 hp 50'])
  env.pass(100)
  assert.equal(env.socket.take().pop()?.state()?.eventAck(), 1)
})

test('a lost conn resumes by the newest secret, with the tick it has', async () => {
  const { env, room, states } = await seated()
  const duck = room.state.ducks.get(7)
  const socket = cut(env)
  assert.deepEqual(socket.protocols, ['roomtick.v1', 'resume.secret-1'])
  const hello = socket.take()[0]?.hello()
  assert.equal(hello?.tick(), 2)
  assert.equal(hello?.epoch(), 5n)
  assert.equal(hello?.descriptorHash(), 'hash-1')
  socket.receive(welcome({ resumed: true, secret: 'secret-2', descriptor: null, tick: 9 }))
  socket.receive(snapshot({ tick: 10, flags: 8, deltas: world({ 7: 60 }) }))
  assert.deepEqual(states, ['reconnecting', 'open'])
  assert.equal(room.state.ducks.get(7), duck, 'the same entity object')
  assert.equal(duck?.hp, 60)
  assert.deepEqual(cut(env).protocols, ['roomtick.v1', 'resume.secret-2'])
})

test('attempts back off, at most a second apart in the first minute, 15 s after', async () => {
  const { env } = await seated()
  env.randomValue = 1
  const gaps: number[] = []
  let last = env.time
  for (let i = 0; i < 80; i++) {
    const before = env.sockets.length
    env.socket.end()
    while (env.sockets.length === before) env.pass(10)
    gaps.push(env.time - last)
    last = env.time
  }
  assert.deepEqual(gaps.slice(0, 5), [100, 200, 400, 800, 1000])
  assert.equal(Math.max(...gaps.slice(0, 60)), 1000)
  assert.equal(Math.max(...gaps), 15_000)
})

test('a server that goes away is given the time it asked for', async () => {
  const { env } = await seated()
  env.socket.receive(goodbye(4017, true, 3000))
  env.socket.end(4017)
  env.pass(2999)
  assert.equal(env.sockets.length, 1)
  env.pass(200)
  assert.equal(env.sockets.length, 2)
})

test('a conn that falls silent for two heartbeats gets a second one beside it', async () => {
  const { env, states } = await seated()
  const old = env.socket
  env.pass(1900)
  assert.equal(env.sockets.length, 1)
  env.pass(400)
  assert.equal(env.sockets.length, 2)
  assert.deepEqual(states, ['reconnecting'])
  assert.ok(!old.ended)
  env.socket.open()
  env.socket.receive(welcome({ resumed: true, secret: 'secret-2', descriptor: null, tick: 9 }))
  assert.ok(old.ended)
  assert.deepEqual(states, ['reconnecting', 'open'])
  env.socket.receive(snapshot({ tick: 10, flags: 8, deltas: world({ 7: 60 }) }))
  env.pass(1000)
  assert.equal(env.sockets.length, 2)
})

test('the old conn wins if it is heard of first, even if the server has replaced it', async () => {
  const { env, room, states } = await seated()
  const old = env.socket
  env.pass(2300)
  const second = env.socket
  second.open()
  old.receive(snapshot({ tick: 3 }))
  assert.deepEqual(states, ['reconnecting', 'open'])
  assert.ok(second.ended)
  old.receive(goodbye(4008, false)) // the second one's hello was under way
  old.end(4008)
  assert.equal(room.connState, 'reconnecting')
  env.pass(200)
  assert.deepEqual(env.socket.protocols, ['roomtick.v1', 'resume.secret-1'])
})

test('of two resumes the server may know the older secret only', async () => {
  const { env, room } = await seated()
  env.pass(3400)
  assert.equal(env.sockets.length, 3)
  const [, second, third] = env.sockets
  second?.open()
  third?.open()
  second?.receive(welcome({ resumed: true, secret: 'secret-2', descriptor: null }))
  assert.ok(third?.ended)
  second?.end(4008) // the third was taken after it
  env.pass(200)
  assert.deepEqual(env.socket.protocols, ['roomtick.v1', 'resume.secret-2'])
  env.socket.open()
  env.socket.receive(goodbye(4007, false))
  env.socket.end(4007)
  assert.equal(room.connState, 'reconnecting')
  env.pass(400)
  assert.deepEqual(env.socket.protocols, ['roomtick.v1', 'resume.secret-1'])
  env.socket.end(4007)
  assert.equal(room.connState, 'closed')
})

test('attempts that get no answer do not hold up the next ones', async () => {
  const { env } = await seated()
  env.socket.end()
  const before = env.sockets.length
  env.pass(10_000)
  assert.ok(env.sockets.length >= before + 9, `${env.sockets.length - before}`)
  assert.ok(env.sockets.filter((s) => !s.ended).length <= 4)
})

test('a server that restarts is told apart until it is back', async () => {
  const { env, states } = await seated()
  env.socket.receive(goodbye(4017, true, 100))
  env.socket.end(4017)
  env.pass(300)
  env.socket.end()
  env.pass(300)
  assert.deepEqual(states, ['restarting'])
  env.socket.open()
  env.socket.receive(welcome({ resumed: true, descriptor: null }))
  assert.deepEqual(states, ['restarting', 'open'])
})

test('a tab that is shown again finds a dead conn within a second', async () => {
  for (const wake of [(env: FakeEnv) => env.hide(false), (env: FakeEnv) => env.online()]) {
    const { env } = await seated()
    env.hide(true)
    env.time += 60_000 // asleep: no timer ran
    wake(env)
    env.pass(1001)
    assert.ok(env.sockets.length > 1)
  }
})

test('a conn that answers a probe is kept', async () => {
  const { env, states } = await seated()
  env.online()
  env.pass(500)
  env.socket.receive(snapshot({ tick: 3 }))
  env.pass(1000)
  assert.equal(env.sockets.length, 1)
  assert.deepEqual(states, [])
})

test('the network coming back ends the wait for the next attempt', async () => {
  const { env } = await seated()
  env.randomValue = 1
  for (let i = 0; i < 80; i++) {
    env.socket.end()
    env.pass(1000)
  }
  env.socket.end()
  const before = env.sockets.length
  env.pass(500)
  assert.equal(env.sockets.length, before)
  env.online()
  env.pass(1)
  assert.equal(env.sockets.length, before + 1)
})

test('a goodbye for good closes the room and says why', async () => {
  const { env, room, states } = await seated()
  const errors: RoomError[] = []
  room.on('error', (e) => errors.push(e))
  env.socket.receive(goodbye(4015, false))
  env.socket.end(4015)
  env.pass(60_000)
  assert.deepEqual(states, ['closed'])
  assert.equal(errors[0]?.code, 'kicked')
  assert.equal(env.sockets.length, 1)
  assert.equal(env.pendingTimers, 0)
})

test('a close code without goodbye is enough to know whether to come back', async () => {
  for (const [code, state] of [
    [4008, 'closed'],
    [4010, 'reconnecting'],
    [1011, 'reconnecting'],
  ] as const) {
    const { env, room } = await seated()
    env.socket.end(code)
    assert.equal(room.connState, state)
  }
})

test('a frame of an older epoch is dropped', async () => {
  const { env, room } = await seated()
  env.socket.receive(snapshot({ tick: 3, epoch: 4, deltas: world({ 7: 1 }) }))
  assert.equal(room.tick, 2)
  assert.equal(room.state.ducks.get(7)?.hp, 100)
})

test('a frame that cannot be read starts a new conn that asks for everything', async () => {
  const { env, room, states } = await seated()
  env.socket.take()
  env.socket.receive(snapshot({ tick: 3, deltas: Uint8Array.of(1, 2, 3) }))
  assert.deepEqual(states, ['reconnecting'])
  env.pass(200)
  env.socket.open()
  assert.equal(env.socket.take()[0]?.hello()?.tick(), 0)
  env.socket.receive(welcome({ resumed: true, descriptor: null }))
  env.socket.receive(snapshot({ tick: 5, flags: 8, deltas: world({ 7: 33 }) }))
  assert.equal(room.state.ducks.get(7)?.hp, 33)
})

test('a server that only sends nonsense is given up', async () => {
  const { env, room } = await seated()
  for (let i = 0; i < 3; i++) {
    env.socket.receive(Uint8Array.of(9, 9, 9))
    env.pass(2000)
    if (room.connState === 'closed') break
    env.socket.open()
    env.socket.receive(welcome({ resumed: true }))
  }
  assert.equal(room.connState, 'closed')
})

test('events not yet applied are sent again after a resume, applied ones are not', async () => {
  const { env, room } = await seated()
  env.socket.take()
  assert.equal(room.send('chat', { text: 'one' }), true)
  room.send('chat', { text: 'two' })
  assert.deepEqual(
    env.socket.take().map((f) => f.eventSeq()),
    [1, 2],
  )
  const socket = cut(env)
  room.send('chat', { text: 'three' })
  socket.take()
  socket.receive(welcome({ resumed: true, descriptor: null, eventAck: 1 }))
  const sent = socket.take().filter((f) => f.eventsLength() > 0)
  assert.deepEqual(
    sent.map((f) => f.eventSeq()),
    [2],
  )
  assert.equal(
    new TextDecoder()
      .decode(sent[0]?.eventsArray() ?? undefined)
      .match(/two|three/g)
      ?.join(),
    'two,three',
  )
})

test('leaving says so and closes', async () => {
  const { env, room } = await seated()
  env.socket.take()
  room.leave()
  assert.equal(env.socket.take().pop()?.leave(), true)
  assert.ok(env.socket.ended)
  assert.equal(room.connState, 'closed')
  assert.equal(env.stored.size, 0)
  assert.equal(env.pendingTimers, 0)
})

test('a hidden tab asks for one snapshot a second, a shown one for all', async () => {
  const { env } = await seated()
  env.socket.take()
  env.hide(true)
  env.hide(false)
  assert.deepEqual(
    env.socket.take().map((f) => f.rate()?.hz()),
    [1, 0],
  )
})

test('a tab that is hidden when its conn comes back asks for one a second again', async () => {
  const { env } = await seated()
  env.hide(true)
  const socket = cut(env)
  socket.receive(welcome({ resumed: true, descriptor: null }))
  assert.ok(socket.take().some((f) => f.rate()?.hz() === 1))
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
  reloaded.socket.receive(snapshot(first))
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
  reloaded.socket.receive(snapshot(first))
  assert.equal((await joining).connState, 'open')
})
