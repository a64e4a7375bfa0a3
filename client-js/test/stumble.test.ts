import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { RoomError } from '../src/errors.js'
import { join } from '../src/join.js'
import { decodePayload } from '../src/payload.js'
import { FakeEnv, json, settle } from './env.js'
import { descriptor } from './golden.js'
import { one, seat, seated } from './seated.js'
import { goodbye, pond, snapshot, welcome } from './server.js'

/** What fn has said on the console. */
async function said(how: 'warn' | 'error', fn: () => unknown): Promise<string[]> {
  const spy = mock.method(console, how, () => {})
  try {
    await fn()
    return spy.mock.calls.map(({ arguments: [text] }) => String(text))
  } finally {
    spy.mock.restore()
  }
}

test('a misspelled input field is told once, with those that there are', async () => {
  const { room } = await seated()
  const lines = await said('warn', () => {
    for (let i = 0; i < 3; i++) room.input({ turn: 1, trun: 1 } as object)
  })
  assert.deepEqual(lines, ['roomtick: there is no input field trun; the game has: turn, fire'])
})

test('a misspelled event is told once, whether the late module was there yet or not', async () => {
  const env = new FakeEnv()
  const { keeping } = env
  let come = () => {}
  const here = new Promise<void>((resolve) => {
    come = resolve
  })
  env.keeping = () => here.then(keeping)
  const { room } = await seated(env)
  const lines = await said('warn', async () => {
    room.events.on('bom' as 'boom', () => {})
    room.events.on('boom', () => {})
    come()
    await settle()
    room.events.on('bang' as 'boom', () => {})
    room.events.on('bang' as 'boom', () => {})
  })
  assert.deepEqual(lines, [
    'roomtick: there is no event bom; the game has: boom',
    'roomtick: there is no event bang; the game has: boom',
  ])
})

test('a misspelled table is told once; what the language asks of any object is not', async () => {
  const { room } = await seated()
  const state = room.state as unknown as Record<string, unknown>
  const lines = await said('warn', async () => {
    assert.equal(state.duck, undefined)
    assert.equal(state.duck, undefined)
    assert.notEqual(state.ducks, undefined)
    assert.match(`${state}`, /object/)
    assert.equal(await Promise.resolve(state), state)
    assert.ok(JSON.stringify(state).includes('ducks'))
    assert.equal(Object.hasOwn(state, 'ducks'), true)
  })
  assert.deepEqual(lines, ['roomtick: there is no table duck; the game has: ducks, match'])
})

test('an event that the game does not take names those that it does', async () => {
  const { room } = await seated()
  assert.throws(
    () => room.send('caht' as 'chat', { text: 'hi' }),
    (error) => error instanceof RoomError && error.code === 'unknown-event' && error.message.includes('has: chat'),
  )
})

test('a text that is too long is refused where it is set, and what was set stays', async () => {
  const named = descriptor({
    tables: [],
    input: [
      { name: 'turn', kind: 'Int', bits: 8 },
      { name: 'name', kind: 'String', max: 8 },
    ],
    events: [],
  })
  const { env, room } = await seated(new FakeEnv(), welcome({ descriptor: { ...pond, input: named.input } }))
  room.input({ turn: 3, name: 'Ada' } as object)
  assert.throws(
    () => room.input({ turn: 4, name: 'Grace Hopper' } as object),
    (error) => error instanceof RoomError && error.code === 'too-long' && error.message.includes('at most 8 bytes'),
  )
  env.pass(200)
  const inputs = env.socket.take().flatMap((f) => f.inputsArray() ?? [])
  const last = inputs.at(-1) ?? new Uint8Array(0)
  assert.deepEqual(decodePayload(named.input, last.slice(-6)), { turn: 3, name: 'Ada' })
})

test('a room that closes for good says so on the console if nobody listens', async () => {
  for (const listened of [false, true]) {
    const env = new FakeEnv()
    env.answers = [json(200, seat)]
    const joining = join('pond', { env })
    await settle()
    env.socket.open()
    env.socket.receive(welcome())
    env.socket.receive(snapshot(one))
    const room = await joining
    await settle()
    if (listened) room.on('error', () => {})
    const lines = await said('error', () => {
      env.socket.receive(goodbye(4015, false))
      env.socket.end(4015)
    })
    assert.equal(room.connState, 'closed')
    assert.deepEqual(lines, listened ? [] : ['roomtick: kicked: because (do this)'])
  }
})

test('a room that the player leaves closes without a word', async () => {
  const { room } = await seated()
  assert.deepEqual(await said('error', () => room.leave()), [])
})
