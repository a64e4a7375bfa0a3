import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RoomError } from '../src/errors.js'
import { FakeEnv, settle } from './env.js'
import { descriptor } from './golden.js'
import { cut, seated, world } from './seated.js'
import { booms, clockReply, goodbye, pond, snapshot, welcome } from './server.js'

test('join asks for a seat, shows its token and says hello first', async () => {
  const { env, room } = await seated()
  assert.deepEqual(env.posts, [
    { url: 'https://play.example/v1/match', body: { game: 'pond', name: 'Ada', spectate: undefined } },
  ])
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
  const hashed = (tick: number, ms: number) => {
    env.socket.receive(snapshot({ tick, deltas: world({ 7: tick }) }))
    env.pass(ms)
    return env.socket.take().flatMap((f) => (f.hashesLength() > 0 ? [f.hashes(0)?.tick()] : []))
  }
  assert.deepEqual(hashed(3, 100), [3])
  assert.deepEqual(hashed(4, 1000), [])
  assert.deepEqual(hashed(5, 100), [5])
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

test('a room goes on without the late module, and closes if its conn is lost meanwhile', async () => {
  const env = new FakeEnv()
  let come = () => {}
  env.keeping = () =>
    new Promise((_, reject) => {
      come = () => reject(new Error('no such file'))
    })
  const { room, states } = await seated(env)
  const errors: RoomError[] = []
  room.on('error', (e) => errors.push(e))
  env.socket.receive(snapshot({ tick: 3, deltas: world({ 7: 50 }) }))
  assert.equal(room.state.ducks.get(7)?.hp, 50)
  come()
  env.socket.end()
  come()
  await settle()
  assert.deepEqual([states, errors.map((e) => e.code)], [['closed'], ['lost']])
  assert.equal(env.pendingTimers, 0)
})

test('a conn lost before the late module is here is resumed once it is', async () => {
  const env = new FakeEnv()
  const { keeping } = env
  let come = () => {}
  env.keeping = async () => {
    await new Promise<void>((resolve) => {
      come = resolve
    })
    return keeping()
  }
  const { states } = await seated(env)
  const first = come
  env.socket.end()
  first()
  come()
  await settle()
  env.pass(200)
  assert.deepEqual(env.socket.protocols, ['roomtick.v1', 'resume.secret-1'])
  assert.deepEqual(states, ['reconnecting'])
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

test('a conn of an older epoch is left for another one', async () => {
  const { env, room } = await seated()
  env.socket.end()
  env.pass(1000)
  env.socket.open()
  const old = env.socket
  old.receive(welcome({ resumed: true, epoch: 4n, descriptor: null }))
  old.receive(snapshot({ tick: 3, flags: 8, deltas: world({ 7: 1 }) }))
  assert.equal(room.tick, 2)
  assert.equal(room.state.ducks.get(7)?.hp, 100)
  env.pass(1000)
  assert.notEqual(env.socket, old)
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

test('entities that went while no frame could be read are removed, the others stay the same', async () => {
  const { env, room } = await seated()
  env.socket.receive(snapshot({ tick: 3, deltas: world({ 7: 100, 8: 50 }) }))
  const duck = room.state.ducks.get(7)
  const seen: string[] = []
  room.state.ducks.onRemove(({ id, hp }) => seen.push(`remove ${id} hp ${hp}`))
  room.state.ducks.onAdd(({ id }) => seen.push(`add ${id}`))
  seen.length = 0
  env.socket.receive(snapshot({ tick: 4, deltas: Uint8Array.of(1, 2, 3) }))
  const socket = cut(env)
  socket.receive(welcome({ resumed: true, descriptor: null }))
  assert.equal(duck?.hp, 100)
  socket.receive(snapshot({ tick: 5, flags: 8, deltas: world({ 7: 33 }) }))
  assert.deepEqual(seen, ['remove 8 hp 50'])
  assert.equal(room.state.ducks.get(7), duck)
  assert.equal(duck?.hp, 33)
})

test('a room that sends at another rate after a resume leaves no entities behind', async () => {
  const { env, room } = await seated()
  env.socket.receive(snapshot({ tick: 3, deltas: world({ 7: 100, 8: 50 }) }))
  const socket = cut(env)
  socket.receive(welcome({ resumed: true, descriptor: null, sendEvery: 2 }))
  socket.receive(snapshot({ tick: 6, flags: 8, deltas: world({ 7: 33 }) }))
  assert.deepEqual(
    [...room.state.ducks].map(({ id }) => id),
    [7],
  )
})

/** A pond with an input of 64 bytes and long chats. */
const wordy = {
  ...pond,
  input: descriptor({ tables: [], input: [{ name: 'aim', kind: 'Float', bits: 32, count: 16 }], events: [] }).input,
  events: descriptor({
    tables: [],
    input: [],
    events: [{ name: 'chat', fromClient: true, fields: [{ name: 'text', kind: 'String', max: 4000 }] }],
  }).events,
}

test('many inputs and a long event go out in two frames', async () => {
  const { env, room } = await seated(new FakeEnv(), welcome({ descriptor: wordy }))
  const sent =
    env.socket
      .take()
      .find((f) => f.clock())
      ?.clock()
      ?.sent() ?? 0
  env.socket.receive(clockReply(sent, 100, 100))
  room.input({ aim: [1] } as object)
  env.time += 600 // a page that stood still for 12 ticks
  assert.equal(room.send('chat', { text: 'x'.repeat(3480) }), true)
  assert.ok(env.socket.sent.every(({ length }) => length <= 4096))
  const frames = env.socket.take()
  assert.deepEqual(
    frames.map((f) => [f.inputsLength() > 0, f.eventSeq()]),
    [
      [true, 0],
      [false, 1],
    ],
  )
  assert.equal(room.connState, 'open')
})

test('a frame that cannot be sent does not end the sending', async () => {
  const { env } = await seated()
  env.pass(50)
  env.socket.take()
  const { send } = env.socket
  env.socket.send = () => {
    throw new RangeError('no')
  }
  assert.throws(() => env.pass(5000), RangeError)
  env.socket.send = send
  env.socket.receive(snapshot({ tick: 3 }))
  env.pass(100)
  assert.equal(env.socket.take().pop()?.state()?.ack(), 3)
  env.pass(500)
  assert.ok(env.socket.take().some((f) => f.clock()))
})

test('events that the server let go are passed over, also if it has to say so twice', async () => {
  const { env, room } = await seated()
  const seen: number[] = []
  room.events.on('boom', ({ size }) => seen.push(size))
  const thirty = Array.from({ length: 30 }, (_, i) => i + 1)
  env.socket.receive(snapshot({ tick: 3, events: booms(...thirty), eventSeq: 1 }))
  for (let i = 0; i < 2; i++) assert.equal(cut(env).take()[0]?.hello()?.eventAck(), 30) // the first welcome is lost
  env.socket.receive(welcome({ resumed: true, descriptor: null, eventsDropped: 20 }))
  const events = booms(51, 52)
  env.socket.receive(snapshot({ tick: 10, flags: 8, deltas: world({ 7: 1 }), events, eventSeq: 51 }))
  assert.deepEqual(seen.slice(30), [51, 52])
  assert.equal(room.connState, 'open')
  assert.equal(cut(env).take()[0]?.hello()?.eventAck(), 52)
})
