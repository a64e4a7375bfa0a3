import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seated, world } from './seated.js'
import { goodbye, snapshot, welcome } from './server.js'

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

test('a second dial that sends nonsense leaves the working conn its state', async () => {
  const { env, room } = await seated()
  const old = env.socket
  env.pass(2300)
  env.socket.open()
  env.socket.receive(Uint8Array.of(9, 9))
  old.receive(snapshot({ tick: 3 }))
  assert.equal(room.connState, 'open')
  assert.equal(room.tick, 3)
})

test('a second dial is forgotten once the old conn has worked for a while', async () => {
  const { env, room } = await seated()
  const old = env.socket
  for (let tick = 3; tick < 60; tick++) old.receive(snapshot({ tick }))
  env.pass(2300)
  assert.equal(env.sockets.length, 2)
  for (let tick = 60; tick < 101; tick++) old.receive(snapshot({ tick }))
  old.receive(goodbye(4008, false)) // another client, not our dial
  old.end(4008)
  assert.equal(room.connState, 'closed')
})
