import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FieldKind } from '../src/descriptor.js'
import { Interpolator, interpolate } from '../src/interpolate.js'
import { SmoothFields } from '../src/smooth.js'
import { draw, jumped, type Sample } from '../src/track.js'
import { fly } from './flight.js'
import { field, type GoldenField, golden, seeded } from './golden.js'

const still = { x: 0, y: 0, angle: 0, thrust: false }

test('what is drawn moves evenly, a little behind the server, and never back', async () => {
  const { server, room } = await fly(30)
  const drawn = interpolate(room)
  const random = seeded(3)
  let n = 0
  const step = () => {
    n++
    server.others.set(9, { ...still, x: 1000 + (server.tick - 100) * 10, y: 500 })
    server.latency = 30 + random() * 10
  }
  server.run(3000, () => {
    step()
    drawn.begin()
  })
  let last = { tick: drawn.begin(), x: room.state.ships.get(9)?.x ?? 0 }
  let worst = 0
  server.run(2000, () => {
    step()
    const tick = drawn.begin()
    const ship = [...drawn.all(room.state.ships)].find((s) => s.id === 9)
    assert.ok(ship)
    assert.ok(tick >= last.tick, 'the drawn time went back')
    const expected = 1000 + (tick - 100) * 10
    worst = Math.max(worst, Math.abs(ship.x - expected))
    last = { tick, x: ship.x }
  })
  assert.ok(n > 100)
  assert.ok(worst < 11, `${worst}`) // the ship is placed when the frame is drawn, up to a tick early
  assert.ok(drawn.delayMs > 50 && drawn.delayMs < 160, `${drawn.delayMs}`)
  assert.ok((room.drawn ?? 0) <= room.tick)
})

test('ticks that wrap change nothing', async () => {
  const { server, room } = await fly(30, 2 ** 32 - 100)
  const drawn = interpolate(room)
  let at = drawn.begin()
  server.run(10_000, () => {
    server.others.set(9, { ...still, x: ((server.tick + 1000) % 2 ** 32) * 3 })
    const next = drawn.begin()
    const moved = (next - at + 2 ** 32) % 2 ** 32
    assert.ok(moved <= 0.016 * 20 * 1.11, `${at} to ${next}`)
    at = next
    const ship = room.state.ships.get(9)
    if (!ship) return
    const x = drawn.value(room.state.ships, ship, 'x')
    assert.ok(Math.abs(x - ((at + 1000) % 2 ** 32) * 3) < 7, `${x} at ${at}`)
  })
  assert.ok(server.tick < 200 && at < 200)
})

test('the delay grows with jitter and shrinks again, without a jump', async () => {
  const { server, room } = await fly(30)
  const drawn = interpolate(room)
  let [at, steady] = [drawn.begin(), 0]
  const play = (ms: number) =>
    server.run(ms, () => {
      const next = drawn.begin()
      if (steady++ > 200) assert.ok(next - at <= 0.016 * 20 * 1.11 && next >= at, `${next - at}`)
      at = next
    })
  play(4000)
  const calm = drawn.delayMs
  const random = seeded(8)
  const off = room.on('tick', () => {
    server.latency = 30 + (random() < 0.3 ? 60 : 0)
  })
  play(4000)
  const rough = drawn.delayMs
  off()
  server.latency = 30
  play(6000)
  assert.ok(rough > calm + 20, `${calm} ${rough}`)
  assert.ok(drawn.delayMs < rough - 15, `${rough} ${drawn.delayMs}`)
})

test('entities appear, go and teleport at the tick that is drawn', async () => {
  const { server, room } = await fly(30)
  const drawn = new Interpolator(room)
  const seen: (number | undefined)[] = []
  const frame = () => {
    drawn.begin()
    seen.push([...drawn.all(room.state.ships)].find((s) => s.id === 9)?.x)
  }
  server.run(1000, frame)
  assert.ok(seen.every((x) => x === undefined))
  server.others.set(9, { ...still, x: 100 })
  server.run(60)
  assert.ok(room.state.ships.get(9))
  drawn.begin()
  server.run(500, frame)
  assert.equal(seen.at(-1), 100)
  seen.length = 0
  server.others.set(9, { ...still, x: 3000 })
  server.run(500, frame)
  assert.deepEqual([...new Set(seen)], [100, 3000])
  server.others.delete(9)
  server.run(90, frame)
  assert.equal(room.state.ships.get(9), undefined)
  assert.equal(seen.at(-1), 3000, 'still drawn where it was')
  server.run(300, frame)
  assert.equal(seen.at(-1), undefined)
})

test('angles turn the shorter way, and flags step', async () => {
  const { server, room } = await fly(30)
  const drawn = interpolate(room)
  const seen = new Set<number>()
  let flip = false
  server.run(2000, () => {
    const turn = Math.floor(server.tick / 4) % 2 === 0
    server.others.set(9, { ...still, x: 2000, angle: turn ? 0.1 : 2 * Math.PI - 0.1, thrust: turn })
    drawn.begin()
    const entity = room.state.ships.get(9)
    if (!entity) return
    const angle = drawn.value(room.state.ships, entity, 'angle')
    seen.add(Math.cos(angle))
    flip ||= drawn.value(room.state.ships, entity, 'thrust')
  })
  assert.ok(Math.min(...seen) > 0.99)
  assert.ok(seen.size > 3 && flip)
})

test('motion is carried on for 100 ms without snapshots and then stops', async () => {
  const { server, room } = await fly(30)
  const drawn = interpolate(room)
  const x = () => {
    drawn.begin()
    const ship = room.state.ships.get(9)
    return ship ? drawn.value(room.state.ships, ship, 'x') : 0
  }
  server.run(2000, () => {
    server.others.set(9, { ...still, x: 1000 + (server.tick - 100) * 10 })
    x()
  })
  server.silent = true
  server.run(60, x)
  const newest = room.state.ships.get(9)?.x ?? 0
  server.run(1000, x)
  assert.ok(x() > newest + 15 && x() <= newest + 20.1, `${x() - newest}`)
})

test('timed events come when their tick is drawn, and late rather than never', async () => {
  const { server, room } = await fly(30)
  const drawn = interpolate(room)
  const seen: number[] = []
  room.events.on('shot', ({ size }) => seen.push(size))
  server.run(1000, () => drawn.begin())
  server.events.push({ age: 0, size: 5 })
  server.run(85)
  assert.deepEqual(seen, [])
  server.run(200, () => drawn.begin())
  assert.deepEqual(seen, [5])
  server.events.push({ age: 0, size: 6 })
  server.run(900)
  assert.deepEqual(seen, [5])
  server.run(600)
  assert.deepEqual(seen, [5, 6])
  server.events.push({ age: 0, size: 7 })
  server.run(100)
  assert.notEqual(room.drawn, undefined)
  drawn.stop()
  assert.equal(room.drawn, undefined) // what is shown now is the newest snapshot
  assert.deepEqual(seen, [5, 6, 7])
})

test('what is drawn is what the server takes a player to have drawn', () => {
  interface Glance {
    readonly fields?: readonly GoldenField[]
    readonly samples: readonly Readonly<Record<string, number | number[]> & { tick: number }>[]
    readonly at: number
    readonly carry: number
    readonly slowest: number
    readonly drawn: Readonly<Record<string, number | number[]>>
  }
  const list = golden<Glance[]>('sim/testdata/drawn.json')
  const fields = (list[0]?.fields ?? []).map(field)
  const smooth = new SmoothFields(fields)
  let moved = 0
  for (const { samples, at, carry, slowest, drawn } of list) {
    const track: Sample[] = []
    for (const values of samples) {
      const numbers = smooth.read(values)
      track.push({ tick: values.tick, numbers, rest: {}, jump: jumped(smooth, track, values.tick, numbers) })
    }
    const out = smooth.empty()
    const here = draw(smooth, track, at, { tickRate: 10 * carry, sendEvery: slowest / 4 }, out)
    if (out.some((v, i) => v !== here.numbers[i])) moved++
    const got: Record<string, number | number[]> = {}
    smooth.write(out, got)
    for (const { name, kind } of fields) {
      const off = kind === FieldKind.Int ? 0.5 : 1e-4 // the server's integers are whole
      const [is, want] = [[got[name]].flat(), [drawn[name]].flat()] as [number[], number[]]
      assert.equal(is.length, want.length)
      // q and -q are the same rotation, and whole turns none.
      const sign = kind === FieldKind.Quat && is.reduce((dot, v, i) => dot + v * (want[i] as number), 0) < 0 ? -1 : 1
      const turn = kind === FieldKind.Angle ? 2 * Math.PI : Infinity
      is.forEach((one, i) => {
        const apart = one * sign - (want[i] as number)
        const v = Math.abs(apart) < turn / 2 ? apart : apart - Math.sign(apart) * turn
        assert.ok(Math.abs(v) <= off, `${name} at ${at}: ${one}, the server says ${want[i]}`)
      })
    }
  }
  assert.ok(moved > list.length / 2, `${moved}`)
})

test('arrays and quaternions are mixed too, q and -q being one rotation', () => {
  const smooth = new SmoothFields([
    field({ name: 'arms', kind: 'Quantised', min: 0, max: 10, step: 1, count: 2, flags: 16 }),
    field({ name: 'turn', kind: 'Quat', bits: 10, step: 0.001, flags: 16 }),
    field({ name: 'name', kind: 'String', flags: 16 }),
  ])
  const half = Math.SQRT1_2
  const a = smooth.read({ arms: [0, 4], turn: [0, 0, 0, 1] })
  const b = smooth.read({ arms: [10, 4], turn: [0, 0, -half, -half] })
  const out: Record<string, unknown> = {}
  smooth.write(smooth.mix(a, b, 0.5, smooth.empty()), out)
  assert.deepEqual(out.arms, [5, 4])
  const [x, y, z, w] = out.turn as number[]
  assert.deepEqual([x, y], [0, 0])
  assert.ok(Math.abs(Math.atan2(z ?? 0, w ?? 0) - Math.PI / 8) < 1e-6)
  assert.ok(!smooth.has('name') && smooth.has('turn') && FieldKind.Quat === 7)
})

test('of thousands of entities only those that are asked for are followed and drawn', async () => {
  const { server, room } = await fly()
  for (let i = 0; i < 3000; i++) server.others.set(100 + i, { ...still, x: (i * 37) % 4000, y: (i * 91) % 4000 })
  const asked = new Set<number>()
  const drawn = interpolate(room, {
    sees: {
      ships: ({ id, x, y }) => {
        asked.add(id)
        return x < 400 && y < 400
      },
    },
  })
  const all = interpolate(room)
  server.run(300)
  drawn.begin()
  all.begin()
  const near = [...drawn.all(room.state.ships)].map(({ id }) => id)
  assert.ok(asked.size > 3000 && near.length > 20 && near.length < 60, `${near.length} of ${asked.size}`)
  const wanted = [...all.all(room.state.ships)].filter(({ x, y }) => x < 400 && y < 400)
  assert.deepEqual(
    near,
    wanted.map(({ id }) => id),
  )
})

test('what comes into sight is drawn at once, and what has just come into the world is not', async () => {
  const { server, room } = await fly()
  let left = 1000
  const drawn = interpolate(room, { sees: { ships: ({ id, x }) => id >= 8 && x > left } })
  const ids = () => {
    drawn.begin()
    return [...drawn.all(room.state.ships)].map(({ id }) => id)
  }
  server.others.set(8, { ...still, x: 500 })
  server.run(1000, ids)
  assert.deepEqual(ids(), [])
  left = 400
  server.others.set(9, { ...still, x: 600 })
  while (!room.state.ships.get(9)) server.run(10)
  assert.deepEqual(ids(), [8])
  server.run(500, ids)
  assert.deepEqual(ids(), [8, 9])
  left = 550
  server.run(200, ids)
  assert.deepEqual(ids(), [9])
})

test('what is drawn anew after it was written over is drawn right', async () => {
  const { server, room } = await fly(30)
  const drawn = interpolate(room)
  const seen = new Map<boolean, number>()
  server.run(4000, () => {
    // Its engine burns on every other second, its place says which.
    const second = Math.floor((server.tick - 100) / 20) % 2
    server.others.set(9, { ...still, x: 1000 + second * 2000, thrust: second === 1 })
    drawn.begin()
    for (const { id, x, thrust } of drawn.all(room.state.ships)) {
      if (id !== 9) continue
      assert.equal(x > 2000, thrust, `${x}`)
      seen.set(thrust, (seen.get(thrust) ?? 0) + 1)
    }
  })
  assert.ok((seen.get(true) ?? 0) > 50 && (seen.get(false) ?? 0) > 50)
})
