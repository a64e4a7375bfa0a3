import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Flight, move } from '../demo/move.js'
import { f32 } from '../src/math.js'
import { Predictor, predict } from '../src/predict.js'
import { type State, snapper } from '../src/snap.js'
import { type FlightGame, type FlightServer, fly } from './flight.js'
import { field, type GoldenField, golden, seeded } from './golden.js'

/** Flies with random inputs; says what each snapshot corrected. */
async function flight(latency: number, ms: number, disturb: (server: FlightServer) => void = () => {}, tick = 100) {
  const { server, room, env } = await fly(latency, tick)
  const predictor = predict(room, 'ships', move)
  const corrections: number[] = []
  room.on('tick', () => corrections.push(predictor.correction))
  const random = seeded(5)
  const play = (from: number) =>
    server.run(from, () => {
      if (random() < 0.1) room.input({ turn: Math.floor(random() * 3) - 1, thrust: random() < 0.7 })
      if (random() < 0.05) room.input({ fire: true })
      predictor.view()
    })
  play(3000) // the clock settles
  corrections.length = 0
  disturb(server)
  play(ms)
  return { server, room, env, predictor, corrections, play }
}

test('a prediction that the server confirms is never corrected', async () => {
  for (const latency of [0, 4, 40, 200]) {
    const { corrections, server, predictor } = await flight(latency, 20_000)
    assert.ok(corrections.length > 300)
    assert.deepEqual(
      corrections.filter((c) => c !== 0),
      [],
      `latency ${latency}`,
    )
    assert.ok(server.used.some((i) => i.fire) && server.used.some((i) => i.turn === -1))
    assert.ok(Math.abs(server.ship.vx) + Math.abs(server.ship.vy) > 1)
    assert.ok(predictor.state)
  }
})

test('ticks that wrap change nothing', async () => {
  const { corrections, server } = await flight(40, 10_000, undefined, 2 ** 32 - 160)
  assert.ok(server.tick < 200 && corrections.length > 150)
  assert.deepEqual(
    corrections.filter((c) => c !== 0),
    [],
  )
})

test('an input shows at once, long before the server can have heard of it', async () => {
  const { server, room, predictor } = await flight(200, 0)
  room.input({ turn: 0, thrust: false })
  server.run(1000, () => predictor.view())
  const before = predictor.view()?.angle ?? 0
  room.input({ turn: 1 })
  server.run(120, () => predictor.view())
  assert.notEqual(predictor.view()?.angle, before)
})

test('what is drawn moves smoothly: no step is much longer than the others', async () => {
  const { server, room, predictor } = await flight(60, 0)
  room.input({ turn: 0, thrust: true })
  server.ship.vx = 300
  server.run(3000, () => predictor.view())
  let last = predictor.view()
  const from = { x: last?.x ?? 0, y: last?.y ?? 0 }
  let most = 0
  const speed = Math.hypot(server.ship.vx, server.ship.vy)
  server.run(800, () => {
    last = predictor.view()
    most = Math.max(most, Math.hypot((last?.x ?? 0) - from.x, (last?.y ?? 0) - from.y))
    from.x = last?.x ?? 0
    from.y = last?.y ?? 0
  })
  assert.ok(most < speed * 0.016 * 1.4 && most > speed * 0.016 * 0.9, `${most} of ${speed * 0.016}`)
})

test('a small error fades, a large one is jumped over', async () => {
  for (const [by, jumps] of [
    [20, false],
    [2000, true],
  ] as const) {
    const { server, predictor, room } = await flight(40, 0)
    room.input({ turn: 0, thrust: false })
    server.run(4000, () => predictor.view())
    let pushed = false
    server.push = (ship) => {
      if (!pushed) ship.x += by
      pushed = true
    }
    const xs: number[] = []
    const corrections: number[] = []
    const off = room.on('tick', () => corrections.push(predictor.correction))
    server.run(1200, () => xs.push(predictor.view()?.x ?? 0))
    off()
    assert.equal(corrections.filter((c) => c > 1).length, 1)
    const steps = xs.slice(1).map((x, i) => Math.abs(x - (xs[i] ?? 0)))
    assert.equal(Math.max(...steps) > 1000, jumps)
    if (!jumps) assert.ok(Math.max(...steps) < 12, `${Math.max(...steps)}`)
    assert.ok(Math.abs((predictor.view()?.x ?? 0) - (predictor.state?.x ?? 0)) < 20)
  }
})

test('inputs that come late are corrected by what the server used, then all agrees again', async () => {
  const { corrections, server, play } = await flight(20, 3000, (s) => {
    s.latency = 160
  })
  assert.ok(corrections.some((c) => c !== 0))
  corrections.length = 0
  play(4000) // the lead has grown
  play(4000)
  assert.deepEqual(
    corrections.slice(-60).filter((c) => c !== 0),
    [],
  )
  assert.ok(server.used.length > 0)
})

test('another ship of mine takes over without a streak across the screen', async () => {
  const { server, predictor, room } = await flight(40, 0)
  const old = server.ship.x
  server.id = 8
  server.ship = { ...server.ship, x: f32(1000), y: f32(1000), vx: 0, vy: 0 }
  const xs: number[] = []
  room.input({ thrust: false, turn: 0 })
  server.run(600, () => xs.push(predictor.view()?.x ?? Number.NaN))
  assert.equal(predictor.entity?.id, 8)
  assert.ok(xs.every((x) => x < 1100 || Math.abs(x - old) < 100))
  server.id = 0
  server.run(300)
  assert.equal(predictor.view(), undefined)
  assert.equal(predictor.state, undefined)
})

test('prediction goes on after a reconnect', async () => {
  const { server, env, predictor, corrections, play } = await flight(40, 500)
  env.socket.end()
  server.run(200, () => predictor.view())
  server.accept(env.socket)
  play(4000)
  corrections.length = 0
  play(4000)
  assert.ok(corrections.length > 60)
  assert.deepEqual(
    corrections.filter((c) => c !== 0),
    [],
  )
})

test('a stopped server does not let the ship fly off', async () => {
  const { server, room, predictor } = await flight(40, 0)
  room.input({ turn: 0, thrust: true })
  server.silent = true
  server.run(1500, () => predictor.view())
  const steps = ((predictor.view()?.x ?? 0) - server.ship.x) / 380
  assert.ok(Number.isFinite(steps))
  predictor.stop()
  assert.equal(predictor.view(), undefined)
})

test('golden vectors run through a snap come out as they would on the server', () => {
  interface Snapped {
    readonly field: GoldenField
    readonly value: readonly unknown[]
  }
  // What decodes from the wire is on the grid already: snapping must not move it.
  for (const { field: spec, value } of golden<Snapped[]>('sim/testdata/values.json')) {
    const f = field(spec)
    if (!(f.flags & 1) || f.kind === 6 || f.bits === 64 || f.count > 0) continue
    const snap = snapper([f])
    for (const v of value) {
      const state: State = { [f.name]: v }
      snap(state)
      assert.deepEqual(state[f.name], v, `${JSON.stringify(spec)} ${v}`)
    }
  }
})

test('values beside the grid go to the nearest point of it, and into the range', () => {
  const snap = snapper([
    field({ name: 'q', kind: 'Quantised', bits: 5, min: -1, max: 1, step: 0.1 }),
    field({ name: 'a', kind: 'Angle', bits: 2 }),
    field({ name: 'i', kind: 'Int', bits: 8, min: -3, max: 3 }),
    field({ name: 'u', kind: 'Uint', bits: 8 }),
    field({ name: 'f', kind: 'Float', bits: 32 }),
    field({ name: 'o', kind: 'Quat', bits: 10, step: 0.01 }),
    field({ name: 'l', kind: 'Bool', bits: 1, count: 2 }),
  ])
  const of = (state: State): State => {
    snap(state)
    return state
  }
  assert.deepEqual(of({ q: 0.26, a: -1.6, i: 9, u: 257, f: 0.1, o: [0, 0, 0, 3], l: [1, 0] }), {
    q: f32(-1 + 13 * 0.1),
    a: f32((3 * 2 * Math.PI) / 4),
    i: 3,
    u: 1,
    f: f32(0.1),
    o: [f32(-Math.SQRT1_2 + 71 * 0.01), f32(-Math.SQRT1_2 + 71 * 0.01), f32(-Math.SQRT1_2 + 71 * 0.01)].concat(
      f32(Math.sqrt(1 - 3 * f32(-Math.SQRT1_2 + 71 * 0.01) ** 2)),
    ),
    l: [true, false],
  })
  assert.deepEqual(
    (of({ q: Number.NaN, a: Infinity, i: 0, u: 0, f: Number.NaN, o: [0, 0, 0, 0], l: [0, 0] }) as State).q,
    -1,
  )
})

test('types: the movement must fit the table', async () => {
  const { room } = await fly()
  // @ts-expect-error there is no such table
  assert.ok(predict<FlightGame, 'boats'>(room, 'boats', () => {}) instanceof Predictor)
  const own = predict(room, 'ships', (ship: Flight) => void ship.x, { own: (ship) => ship.id === 7 })
  assert.equal(own.entity?.id, 7)
})

test('inputs are not kept while there is no own entity', async () => {
  const { server, room } = await fly()
  const predictor = predict(room, 'ships', move, { own: () => false })
  room.input({ turn: 1 })
  server.run(10_000)
  const { sent } = (predictor as unknown as { inputs: { sent: Map<number, unknown> } }).inputs
  assert.ok(sent.size > 0 && sent.size < 80, `${sent.size} kept`)
})
