import type { Flight } from '../demo/move.js'
import { move } from '../demo/move.js'
import type { Descriptor } from '../src/descriptor.js'
import { type Entity, join } from '../src/index.js'
import { f32 } from '../src/math.js'
import { decodePayload, type Values } from '../src/payload.js'
import type { Room } from '../src/room.js'
import { snapper } from '../src/snap.js'
import type { Table } from '../src/store.js'
import { FakeEnv, type FakeSocket, json, settle } from './env.js'
import { descriptor } from './golden.js'
import { clockReply, type KeyframePart, keyframe, noRows, snapshot, welcome } from './server.js'

/** The arena's ships as far as they fly, and an event shown when its tick is drawn. */
export const arena: Descriptor = descriptor({
  tables: [
    {
      name: 'ships',
      fields: [
        { name: 'x', kind: 'Quantised', bits: 18, min: 0, max: 12000, step: 0.05, tolerance: 7, flags: 17 },
        { name: 'y', kind: 'Quantised', bits: 18, min: 0, max: 12000, step: 0.05, tolerance: 7, flags: 17 },
        { name: 'angle', kind: 'Angle', bits: 10, tolerance: 7, flags: 17 },
        { name: 'vx', kind: 'Quantised', bits: 17, min: -400, max: 400, step: 0.01, tolerance: 7, flags: 3 },
        { name: 'vy', kind: 'Quantised', bits: 17, min: -400, max: 400, step: 0.01, tolerance: 7, flags: 3 },
        { name: 'thrust', kind: 'Bool', bits: 1, flags: 1 },
      ],
    },
  ],
  input: [
    { name: 'turn', kind: 'Int', bits: 8, min: -1, max: 1 },
    { name: 'thrust', kind: 'Bool', bits: 1 },
    { name: 'fire', kind: 'Bool', bits: 1, flags: 8 },
  ],
  events: [{ name: 'shot', timed: true, fields: [{ name: 'size', kind: 'Uint', bits: 8 }] }],
})

export interface FlightGame {
  state: { ships: Table<Flight> }
  input: { turn: number; thrust: boolean; fire: boolean }
  events: { shot: { size: number } }
  sends: Record<never, object>
}

const tickMs = 50
/** Brings a ship to the grid, as the server does after each step. */
export const snap = snapper(arena.tables[0]?.fields ?? [])

/**
 * A server of one ship that simulates as roomtick does: an input for its tick, else the
 * newest again without its edges; late ones give their edges to the next tick.
 */
export class FlightServer {
  ship: Required<Flight> = { x: 2000, y: 2000, angle: 0, vx: 0, vy: 0, thrust: false }
  /** Of its ship; 0 while it has none. */
  id = 7
  /** Other ships, by id: where they are. */
  others = new Map<number, Flight>()
  /** One way, in ms; may change while frames are under way. */
  latency = 40
  /** Inputs that each tick used. */
  readonly used: Values[] = []
  /** Changes a movement on the server only: what the client cannot foresee. */
  push: (ship: Required<Flight>) => void = () => {}
  silent = false
  events: { age: number; size: number }[] = []
  private readonly inputs = new Map<number, Values>()
  private held: Values = { turn: 0, thrust: false, fire: false }
  private late: Values[] = []
  private ack = 0
  private newest: number
  private state = 0
  private welcomed = new Set<FakeSocket>()
  private eventSeq = 1
  private readonly start: number

  constructor(
    readonly env: FakeEnv,
    public tick = 100,
  ) {
    snap(this.ship as never)
    this.newest = this.tick
    this.start = env.time - this.tick * tickMs
    env.after(tickMs, () => this.step())
  }

  private get roomMs(): number {
    return (this.env.time - this.start) % (2 ** 32 * tickMs) // as its tick wraps
  }

  /** Takes a new conn: the welcome and the world, one way later. */
  accept(socket: FakeSocket): void {
    socket.open()
    this.inputs.clear()
    this.env.after(2 * this.latency, () => {
      const first = this.welcomed.size === 0
      socket.receive(welcome({ tick: this.tick, descriptor: first ? arena : null, resumed: !first }))
      this.welcomed.add(socket)
    })
  }

  private step(): void {
    this.env.after(tickMs, () => this.step())
    this.tick = (this.tick + 1) >>> 0
    const { tick } = this
    const own = this.inputs.get(tick)
    this.state = own ? 1 : 2
    if (own) this.ack = tick
    const input = { ...(own ?? { ...this.held, fire: false }) }
    for (const { fire } of this.late.splice(0)) {
      input.fire ||= fire
      if (!own) this.state = 3
    }
    this.held = input
    this.used.push(input)
    move(this.ship, input as never, { dt: f32(1 / 20), tick })
    this.push(this.ship)
    snap(this.ship as never)
    for (const socket of this.welcomed) this.deliver(socket)
  }

  private deliver(socket: FakeSocket): void {
    if (socket.ended || this.silent) return
    const events = this.events.flatMap(({ age, size }) => [age, 0, 1, size])
    const bytes = snapshot({
      tick: this.tick,
      flags: 8 | (this.state << 1),
      inputAck: this.ack,
      inputHealth: Math.max(-128, (this.newest - this.tick) | 0),
      deltas: this.world(),
      events: Uint8Array.from(events),
      eventSeq: this.eventSeq,
    })
    this.eventSeq += this.events.length
    this.events = []
    this.env.after(this.latency, () => socket.ended || socket.receive(bytes))
  }

  /** What the client sent arrives one way later. Call it often. */
  listen(socket: FakeSocket): void {
    for (const f of socket.take()) {
      const inputs = f.inputsArray()
      const clock = f.clock()?.sent()
      this.env.after(this.latency, () => {
        if (inputs) this.take(inputs)
        const now = this.roomMs
        if (clock !== undefined)
          this.env.after(this.latency, () => socket.ended || socket.receive(clockReply(clock, now, now)))
      })
    }
  }

  private take(bytes: Uint8Array): void {
    const first = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
    for (let at = 4; at < bytes.length; at += 3) {
      const tick = (first + (bytes[at] as number)) >>> 0
      if (((tick - this.newest) | 0) > 0) this.newest = tick
      const values = decodePayload(arena.input, bytes.subarray(at + 1, at + 3))
      const ahead = (tick - this.tick) | 0
      if (ahead > 0) this.inputs.set(tick, values)
      else if (ahead >= -1) this.late.push(values)
    }
  }

  private world(): Uint8Array {
    const all = new Map(this.others)
    if (this.id) all.set(this.id, this.ship)
    const sorted = [...all].sort(([a], [b]) => a - b)
    const r = (v: number | undefined, min: number, step: number) => Math.round(((v ?? 0) - min) / step) * 16
    const line = (values: number[]) => [values, values.map(() => 0), values.map(() => 0)]
    const rows: KeyframePart = {
      ids: sorted.map(([id]) => id),
      columns: [
        ...line(sorted.map(([, s]) => r(s.x, 0, 0.05))),
        ...line(sorted.map(([, s]) => r(s.y, 0, 0.05))),
        ...line(sorted.map(([, s]) => r(s.angle, 0, (2 * Math.PI) / 1024) & 16383)),
        sorted.map(([, s]) => (s.thrust ? 1 : 0)),
      ],
    }
    const { vx, vy } = this.ship
    const own: KeyframePart = { ids: [this.id], columns: [...line([r(vx, -400, 0.01)]), ...line([r(vy, -400, 0.01)])] }
    return keyframe(0, 3, this.id ? [rows, own] : [rows, noRows])
  }

  /** Lets time pass as a page does: a frame every 16 ms. */
  run(ms: number, frame: () => void = () => {}): void {
    for (let left = ms; left > 0; left -= 4) {
      this.env.pass(4)
      for (const socket of this.env.sockets) this.listen(socket)
      if (left % 16 < 4) frame()
    }
  }
}

/** Joins a room of one ship. */
export async function fly(
  latency = 40,
  tick = 100,
  joinRoom = join,
  keeping?: FakeEnv['keeping'],
): Promise<{ env: FakeEnv; server: FlightServer; room: Room<FlightGame> }> {
  const env = new FakeEnv()
  if (keeping) env.keeping = keeping
  env.answers = [json(200, { room: 'r', url: '/ws', token: 'tok' })]
  const joining = joinRoom<FlightGame>('arena', { env })
  await settle()
  const server = new FlightServer(env, tick)
  server.latency = latency
  server.accept(env.socket)
  server.run(4 * latency + 100)
  return { env, server, room: await joining }
}

export type Ship = Entity<Flight>
