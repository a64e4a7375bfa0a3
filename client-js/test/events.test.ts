import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BitReader, BitWriter } from '../src/bits.js'
import { RoomError } from '../src/errors.js'
import { EventsIn, EventsOut } from '../src/events.js'
import { pond } from './server.js'

/** A frame's events: records of type boom, with their ages. */
function booms(...list: { age?: number; size: number }[]): Uint8Array {
  const out = new BitWriter()
  for (const { age = 0, size } of list) {
    out.leb(age)
    out.leb(0)
    out.leb(1)
    out.append(Uint8Array.of(size))
  }
  return out.bytes()
}

test('events arrive in order with the tick at which they happened', () => {
  const events = new EventsIn()
  const list = events.read(pond.events, booms({ age: 2, size: 5 }, { size: 6 }), 1, 1)
  assert.deepEqual(list, [
    { name: 'boom', tick: 0xffffffff, timed: false, values: { size: 5 } },
    { name: 'boom', tick: 1, timed: false, values: { size: 6 } },
  ])
  assert.equal(events.received, 2)
})

test('events that were received before are skipped', () => {
  const events = new EventsIn()
  events.read(pond.events, booms({ size: 1 }, { size: 2 }), 1, 10)
  const list = events.read(pond.events, booms({ size: 2 }, { size: 3 }), 2, 11)
  assert.deepEqual(
    list.map((e) => e.values.size),
    [3],
  )
})

test('a gap in the sequence is an error, unless the server said what it dropped', () => {
  const events = new EventsIn()
  events.read(pond.events, booms({ size: 1 }), 1, 10)
  assert.throws(() => events.read(pond.events, booms({ size: 4 }), 4, 11), RoomError)
  events.skip(1, 2)
  events.skip(1, 2) // the same welcome once more
  assert.equal(events.received, 3)
  assert.equal(events.read(pond.events, booms({ size: 4 }), 4, 11).length, 1)
})

test('a reloaded page takes up the sequence where the server is', () => {
  const events = new EventsIn()
  assert.equal(events.read(pond.events, booms({ size: 1 }), 57, 10).length, 1)
  assert.equal(events.received, 57)
})

test('an event that claims more bytes than there are is refused', () => {
  const out = new BitWriter()
  for (const n of [0, 0, 0xffffffff]) out.leb(n)
  assert.throws(() => new EventsIn().read(pond.events, out.bytes(), 1, 1), RoomError)
})

/** Texts of the chat events in a vector. */
function texts(due: { events: Uint8Array; eventSeq: number } | undefined): string[] {
  if (!due) return []
  const src = new BitReader(due.events)
  const list: string[] = []
  while (src.left > 0) {
    assert.equal(src.leb(), 1)
    list.push(new TextDecoder().decode(src.bytes(src.leb()).subarray(2)))
  }
  return list
}

/** Takes what is due into a frame that is sent. */
function send(out: EventsOut, now: number, room?: number): ReturnType<EventsOut['due']> {
  const due = out.due(now, room)
  out.sent()
  return due
}

const chat = (out: EventsOut, text: string) => out.add(pond.events, 'chat', { text })

test('events are sent once, in order, and forgotten when acknowledged', () => {
  const out = new EventsOut()
  chat(out, 'a')
  chat(out, 'b')
  const due = send(out, 0)
  assert.deepEqual(texts(due), ['a', 'b'])
  assert.equal(due?.eventSeq, 1)
  assert.equal(send(out, 10), undefined)
  out.ack(1)
  out.resume(1)
  assert.deepEqual(texts(send(out, 20)), ['b'])
})

test('after a resume what was not applied is sent again, what was is not', () => {
  const out = new EventsOut()
  for (const text of ['a', 'b', 'c']) chat(out, text)
  send(out, 0)
  chat(out, 'd')
  out.resume(2)
  const due = send(out, 10)
  assert.deepEqual(texts(due), ['c', 'd'])
  assert.equal(due?.eventSeq, 3)
})

test('a reloaded page numbers its events after those the server has applied', () => {
  const out = new EventsOut()
  out.resume(70_000)
  chat(out, 'x')
  assert.equal(send(out, 0)?.eventSeq, 70_001)
  out.ack(70_001 & 0xffff)
  out.resume(70_001)
  assert.equal(send(out, 10), undefined)
})

test('no more than the burst of a second waits, and no more than the rate is sent', () => {
  const out = new EventsOut()
  const taken = Array.from({ length: 45 }, (_, i) => chat(out, String(i))).filter(Boolean).length
  assert.equal(taken, 40)
  assert.equal(texts(send(out, 0)).length, 40)
  out.ack(40)
  for (let i = 0; i < 30; i++) chat(out, String(i))
  assert.equal(texts(send(out, 500)).length, 9)
})

test('what cannot be sent throws with a hint', () => {
  const out = new EventsOut()
  for (const bad of [() => out.add(pond.events, 'boom', {}), () => chat(out, 'x'.repeat(65))]) {
    assert.throws(bad, (error: unknown) => error instanceof RoomError && error.hint.length > 0)
  }
})

test('events that were put into a frame stay due until it was sent', () => {
  const out = new EventsOut()
  chat(out, 'a')
  assert.deepEqual(texts(out.due(0)), ['a'])
  assert.deepEqual(texts(out.due(0)), ['a'])
  out.sent()
  assert.equal(out.due(0), undefined)
})

test('events that do not fit beside the inputs wait', () => {
  const out = new EventsOut()
  chat(out, 'x'.repeat(40))
  chat(out, 'y'.repeat(40))
  assert.equal(send(out, 0, 10), undefined)
  assert.equal(texts(send(out, 0, 50)).length, 1)
  assert.equal(texts(send(out, 0, 500)).length, 1)
})

test('a welcome for a hello that said less moves the sequence no further than it says', () => {
  const events = new EventsIn()
  events.read(pond.events, booms({ size: 1 }, { size: 2 }, { size: 3 }), 1, 10)
  events.skip(1, 1)
  assert.equal(events.received, 3)
  events.skip(1, 9)
  assert.equal(events.received, 10)
})
