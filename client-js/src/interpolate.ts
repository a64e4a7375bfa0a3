// Smooth motion between snapshots. A separate entry point: a game that draws by its own
// means does not pay for it.

import { type Field, FieldKind, Flag } from './descriptor.js'
import type { Off } from './emitter.js'
import type { AnyGame, Room, UntypedGame } from './room.js'
import type { Entity, Table } from './store.js'

const kept = 8 // snapshots of an entity: as far back as the delay can reach
const most = 1.5 // of the way between two snapshots: how far motion is carried on
const jitterShare = 2 // of the jitter is added to the delay
const follow = 0.1 // share of a change of the delay that is taken at each frame

interface Sample {
  readonly tick: number
  readonly values: Float64Array
}

interface Smooth {
  readonly fields: readonly Field[]
  /** The newest snapshots of each entity, oldest first. */
  readonly samples: Map<number, Sample[]>
}

/**
 * Draws entities a little behind the server, between the two snapshots around that
 * moment. Call begin once a frame, then value for each field that is drawn.
 */
export class Interpolator<G extends AnyGame = UntypedGame> {
  private readonly smooth = new Map<Table, Smooth>()
  private readonly offs: Off[]
  private delay: number | undefined
  private at = 0

  constructor(private readonly room: Room<G>) {
    this.offs = [room.on('tick', (tick) => this.take(tick))]
    this.take(room.tick)
  }

  /** Chooses the moment that this frame draws, and returns its tick with its fraction. */
  begin(): number {
    const { room } = this
    const interval = room.sendEvery
    const wanted = interval + (jitterShare * room.clock.jitter * room.tickRate) / 1000
    this.delay = this.delay === undefined ? wanted : this.delay + (wanted - this.delay) * follow
    // The newest snapshot was half a round trip old when it came.
    const transit = (room.clock.rtt * room.tickRate) / 2000
    this.at = Math.min(room.serverTick() - transit - this.delay, room.tick + interval)
    room.drawn = Math.max(0, Math.min(this.at, room.tick))
    return this.at
  }

  /** A field of an entity at the moment chosen. Fields without the lerp flag are as they are. */
  value<T>(table: Table<T>, entity: Entity<T>, name: keyof T & string): number {
    const smooth = this.smooth.get(table as unknown as Table)
    const i = smooth?.fields.findIndex((f) => f.name === name) ?? -1
    const samples = smooth?.samples.get(entity.id)
    const now = Number(entity[name])
    if (!smooth || !samples || i < 0) return now
    const [a, b] = this.around(samples)
    const from = a?.values[i]
    const to = b?.values[i]
    if (!a || !b || from === undefined || to === undefined) return now
    const share = Math.max(0, Math.min((this.at - a.tick) / (b.tick - a.tick), most))
    const way = smooth.fields[i]?.kind === FieldKind.Angle ? shortest(to - from) : to - from
    return from + way * share
  }

  /** Stops listening to the room. */
  stop(): void {
    for (const off of this.offs) off()
  }

  /** The two snapshots around the moment, or the two newest. */
  private around(samples: readonly Sample[]): [Sample | undefined, Sample | undefined] {
    let i = samples.length - 1
    while (i > 1 && (samples[i - 1] as Sample).tick > this.at) i--
    return [samples[i - 1], samples[i]]
  }

  private take(tick: number): void {
    for (const table of Object.values(this.room.state)) {
      if (!isTable(table)) continue
      const smooth = this.smoothOf(table)
      if (smooth.fields.length === 0) continue
      for (const entity of table) {
        const samples = smooth.samples.get(entity.id) ?? []
        smooth.samples.set(entity.id, samples)
        const last = samples[samples.length - 1]
        if (last && tick <= last.tick) samples.length = 0 // another room's ticks, or a wrap
        samples.push({ tick, values: Float64Array.from(smooth.fields, (f) => Number(entity[f.name])) })
        if (samples.length > kept) samples.shift()
      }
    }
  }

  private smoothOf(table: Table): Smooth {
    const old = this.smooth.get(table)
    if (old) return old
    const smooth: Smooth = {
      fields: table.fields.filter((f) => f.flags & Flag.lerp && f.count === 0 && f.kind !== FieldKind.Quat),
      samples: new Map(),
    }
    this.smooth.set(table, smooth)
    this.offs.push(table.onRemove((entity) => smooth.samples.delete(entity.id)))
    return smooth
  }
}

function isTable(x: unknown): x is Table {
  return x instanceof Object && 'onAdd' in x
}

/** The same turn, by less than half a circle. */
function shortest(angle: number): number {
  return angle - Math.round(angle / (2 * Math.PI)) * 2 * Math.PI
}
