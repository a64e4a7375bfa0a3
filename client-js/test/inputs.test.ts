import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Inputs } from '../src/inputs.js'
import { decodePayload } from '../src/payload.js'
import { descriptor } from './golden.js'
import { pond } from './server.js'

/** The vector's records: ticks and values. */
function records(vector: Uint8Array | undefined) {
  if (!vector) return []
  const first = new DataView(vector.buffer).getUint32(0, true)
  const size = 2 // turn int8 and fire bool
  const list = []
  for (let at = 4; at < vector.length; at += 1 + size) {
    const values = decodePayload(pond.input, vector.subarray(at + 1, at + 1 + size))
    list.push({ tick: (first + (vector[at] ?? 0)) >>> 0, ...values })
  }
  return list
}

function begun(tick = 100) {
  const inputs = new Inputs()
  inputs.begin(pond.input, tick)
  return inputs
}

test('nothing is sent before the game has set an input', () => {
  assert.equal(begun().due(105, 100), undefined)
})

test('each tick up to the one that can still be reached is sent for exactly once', () => {
  const inputs = begun()
  inputs.set({ turn: 1 })
  const sent = [inputs.due(100.2, 100), inputs.due(100.4, 100), inputs.due(101.2, 101), inputs.due(103.2, 103)]
  const ticks = sent.flatMap((v) => records(v).map((r) => r.tick))
  assert.deepEqual(ticks, [101, 102, 103, 104, 105])
})

test('fields hold until set again, edge fields for one tick', () => {
  const inputs = begun()
  inputs.set({ turn: -1, fire: true })
  assert.deepEqual(records(inputs.due(102, 100)), [
    { tick: 101, turn: -1, fire: false },
    { tick: 102, turn: -1, fire: false },
    { tick: 103, turn: -1, fire: true },
  ])
  inputs.set({ turn: 0 })
  assert.deepEqual(records(inputs.due(103, 103)), [{ tick: 104, turn: 0, fire: false }])
})

test('a press is in a tick that can still be reached, also as the first input and after a stall', () => {
  for (const before of [false, true]) {
    const inputs = begun()
    if (before) {
      inputs.set({ turn: 0 })
      inputs.due(101, 100)
    }
    inputs.set({ turn: 1, fire: true })
    const list = records(inputs.due(140, 139))
    assert.deepEqual(
      list.filter((r) => 'fire' in r && r.fire).map((r) => r.tick),
      [141],
    )
  }
})

test('a press that is let go before it was sent is sent all the same, once', () => {
  const inputs = begun()
  inputs.set({ fire: true })
  inputs.set({ turn: 1, fire: false })
  const list = [...records(inputs.due(100, 100)), ...records(inputs.due(101, 101))]
  assert.deepEqual(
    list.map((r) => 'fire' in r && r.fire),
    [true, false],
  )
})

test('a frame holds at most eight inputs, the newest ones', () => {
  const inputs = begun()
  inputs.set({ turn: 1 })
  const list = records(inputs.due(150, 149))
  assert.equal(list.length, 8)
  assert.equal(list[7]?.tick, 151)
})

test('inputs that come too late make the client send further ahead, and back again', () => {
  const lead = (inputs: Inputs) => (records(inputs.due(1000, 1000)).pop()?.tick ?? 0) - 1000
  const late = begun()
  late.set({ turn: 1 })
  for (let i = 0; i < 4; i++) late.health(-1)
  assert.equal(lead(late), 3)
  const early = begun()
  early.set({ turn: 1 })
  for (let i = 0; i < 100; i++) early.health(5)
  assert.equal(lead(early), 1)
})

test('ticks may wrap', () => {
  const inputs = begun(0xfffffffe)
  inputs.set({ turn: 1 })
  const ticks = records(inputs.due(0xfffffffe + 1.5, 0xfffffffe)).map((r) => r.tick)
  assert.deepEqual(ticks, [0xffffffff, 0, 1])
})

test('inputs of a frame stay below what the server accepts', () => {
  const inputs = new Inputs()
  const { input } = descriptor({
    tables: [],
    input: [{ name: 'aim', kind: 'Float', bits: 32, count: 200 }],
    events: [],
  })
  inputs.begin(input, 100)
  inputs.set({ aim: [1] })
  const frame = inputs.due(120, 100)
  assert.equal(frame?.length, 4 + 4 * 801)
  assert.deepEqual(
    inputs.sent.map(({ tick }) => tick),
    [118, 119, 120, 121],
  )
})
