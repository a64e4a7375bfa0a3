import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServerClock } from '../src/clock.js'

/** A reply to a request sent at local time at, over a way of out and back milliseconds. */
function ask(clock: ServerClock, at: number, offset: number, out: number, back: number, thinking = 0): number {
  const received = at + out + offset
  const now = at + out + thinking + back
  clock.reply({ sent: ServerClock.stamp(at), received, replied: received + thinking }, now)
  return now
}

test('the first reply sets the clock', () => {
  const clock = new ServerClock()
  const now = ask(clock, 1000, 50_000, 20, 20, 5)
  assert.ok(Math.abs(clock.time(now) - (now + 50_000)) < 0.01)
  assert.ok(Math.abs(clock.rtt - 40) < 0.01)
})

test('the reply of the least round trip is believed, not the newest', () => {
  const clock = new ServerClock()
  let now = ask(clock, 1000, 50_000, 20, 20)
  for (let i = 1; i < 5; i++) now = ask(clock, 1000 + i * 100, 50_000, 20, 220) // 100 ms wrong
  assert.ok(Math.abs(clock.time(now) - (now + 50_000)) < 0.01)
  assert.ok(Math.abs(clock.rtt - 40) < 0.01)
  assert.ok(clock.jitter > 10)
})

test('a small error is slewed away, never jumped over and never backwards', () => {
  const clock = new ServerClock()
  let now = ask(clock, 1000, 50_000, 20, 20)
  ask(clock, now, 49_900, 10, 10)
  now += 20
  let before = clock.time(now)
  for (let i = 0; i < 400; i++) {
    now += 10
    const time = clock.time(now)
    assert.ok(time - before > 9 && time - before < 11, `a step of ${time - before} in 10 ms`)
    before = time
  }
  assert.ok(Math.abs(before - (now + 49_900)) < 0.01)
})

test('an error of more than half a second is set right at once', () => {
  const clock = new ServerClock()
  ask(clock, 1000, 50_000, 20, 20)
  const now = ask(clock, 2000, 90_000, 5, 5)
  assert.ok(Math.abs(clock.time(now) - (now + 90_000)) < 0.01)
})

test('stamps may wrap between request and reply', () => {
  const clock = new ServerClock()
  const wrap = 2 ** 32 / 1000
  ask(clock, wrap - 10, 7, 20, 20)
  assert.ok(Math.abs(clock.rtt - 40) < 0.01)
})

test('numbers that are none do not move the clock', () => {
  const clock = new ServerClock()
  clock.reply({ sent: 0, received: Number.NaN, replied: 1 }, 5)
  clock.reply({ sent: 0, received: Number.POSITIVE_INFINITY, replied: 1 }, 5)
  assert.equal(clock.ready, false)
})

test('a room that gave up wall time is followed from the first reply that says so', () => {
  for (const gave of [450, 700]) {
    const clock = new ServerClock()
    for (let at = 0; at < 10_000; at += 2000) ask(clock, at, 50_000, 22, 22)
    ask(clock, 10_000, 50_000, 15, 15) // a lucky one
    for (let at = 12_000; at <= 22_000; at += 2000) ask(clock, at, 50_000 - gave, 22, 22)
    const error = clock.time(23_000) - (23_000 + 50_000 - gave)
    assert.ok(Math.abs(error) < 1, `${error} ms off after giving up ${gave}`)
  }
})
