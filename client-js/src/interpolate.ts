// Smooth motion between snapshots. A separate entry point: a game that draws by its own
// means does not pay for it.

import type { Off } from './emitter.js'
import type { AnyGame, UntypedGame } from './game.js'
import type { Room } from './room.js'
import { SmoothFields } from './smooth.js'
import type { Entity, Table } from './store.js'
import { tickDiff } from './tick.js'
import { type Drawn, draw, jumped, type Sample, type Track } from './track.js'

const follow = 1 / 16 // weight of a new snapshot in the measured lateness
const spread = 2.5 // deviations of the lateness that the delay covers
const margin = 0.1 // of the time between two snapshots, on top
const mostLateMs = 250 // beyond it no delay helps: the server does not look back farther
const maxSlew = 0.1 // share by which the drawn time may run fast or slow
const jumpMs = 500 // beyond this the drawn time is set instead: nothing smooth is left to keep
const heldMs = 1000 // a page that does not draw gets its timed events this late
const mostSamples = 64 // of an entity, while nothing is drawn

export interface InterpolateOptions<G extends AnyGame = UntypedGame> {
  /**
   * By table, how many units in a tick are a teleport. Left out, more than 1/64 of a
   * field's range that is also far more than the entity has been moving.
   */
  readonly teleport?: Readonly<Record<string, number>>
  /**
   * By table, which entities are worth drawing; left out, all. In a large world most are far
   * off the screen: what it says no to is neither followed from snapshot to snapshot nor
   * yielded by all. Say yes to what is a little beyond the screen, too: it takes two snapshots
   * to tell how something moves.
   */
  readonly sees?: {
    readonly [K in keyof G['state']]?: G['state'][K] extends Table<infer T> ? (entity: Entity<T>) => boolean : never
  }
}

/** Draws a room a little behind its server, between the two snapshots around that moment. */
export function interpolate<G extends AnyGame>(room: Room<G>, options: InterpolateOptions<G> = {}): Interpolator<G> {
  return new Interpolator(room, options)
}

/**
 * Call begin once a frame, then all for each table, or value for single fields. Events
 * declared as timed are delivered by begin when their tick is drawn.
 */
export class Interpolator<G extends AnyGame = UntypedGame> {
  private readonly tables = new Map<Table, Drawn>()
  private readonly offs: Off[]
  private waiting: { readonly tick: number; readonly deliver: () => void }[] = []
  private at: number
  private atTime: number
  private frame = 0
  private lastTick: number
  /** Ticks from a snapshot's own to the arrival of the next one, and their deviation. */
  private late: number
  private deviation = 0

  constructor(
    private readonly room: Room<G>,
    private readonly options: InterpolateOptions<G> = {},
  ) {
    this.late = room.sendEvery
    this.lastTick = room.tick
    this.at = room.tick
    this.atTime = room.now()
    this.offs = [room.on('tick', (tick) => this.take(tick))]
    room.delay = (tick, deliver) => void this.waiting.push({ tick, deliver })
    this.sample(true)
    this.at = this.wanted()
  }

  /** How many milliseconds behind the server this draws. */
  get delayMs(): number {
    return (this.delay * 1000) / this.room.tickRate
  }

  private get delay(): number {
    return this.late + Math.max(this.deviation * spread, this.room.sendEvery * margin)
  }

  /** Chooses the moment that this frame draws, and returns its tick with its fraction. */
  begin(): number {
    const { room } = this
    const now = room.now()
    const passed = (Math.max(0, now - this.atTime) * room.tickRate) / 1000
    this.atTime = now
    const behind = tickDiff(this.wanted(), this.at) - passed
    const most = passed * maxSlew
    const far = Math.abs(behind) > (jumpMs * room.tickRate) / 1000
    const step = far ? behind : Math.min(Math.max(behind, -most), most)
    this.at = wrap(this.at + passed + step)
    room.drawn = tickDiff(this.at, room.tick) > 0 ? room.tick : this.at
    this.frame++
    this.deliver(this.at)
    return this.at
  }

  /**
   * What to draw of a table at the moment chosen: every entity that was in view then, as
   * an object that stays the same while it is drawn. entity is the newest snapshot's.
   */
  *all<T>(table: Table<T>): Generator<Entity<T> & { readonly entity: Entity<T> }> {
    const drawn = this.tables.get(table as unknown as Table)
    for (const [id, track] of drawn?.tracks ?? []) {
      const first = track.samples[0] as Sample
      if (!track.early && tickDiff(first.tick, this.at) > 0) continue
      if (track.gone !== undefined && tickDiff(track.gone, this.at) <= 0) drawn?.tracks.delete(id)
      else yield this.picture(drawn as Drawn, track) as unknown as Entity<T> & { readonly entity: Entity<T> }
    }
  }

  /** A field of an entity at the moment chosen. */
  value<T, K extends keyof T & string>(table: Table<T>, entity: Entity<T>, name: K): T[K] {
    const drawn = this.tables.get(table as unknown as Table)
    const track = drawn?.tracks.get(entity.id)
    return (drawn && track ? this.picture(drawn, track)[name] : entity[name]) as T[K]
  }

  /** Stops listening to the room. */
  stop(): void {
    for (const off of this.offs) off()
    this.room.delay = undefined
    this.room.drawn = undefined
    for (const { deliver } of this.waiting.splice(0)) deliver()
  }

  private wanted(): number {
    return wrap(this.room.serverTick() - this.delay)
  }

  /** Delivers the events up to a tick. */
  private deliver(tick: number): void {
    const due = this.waiting.filter((e) => tickDiff(e.tick, tick) <= 0)
    this.waiting = this.waiting.filter((e) => !due.includes(e))
    for (const { deliver } of due) deliver()
  }

  private take(tick: number): void {
    const { room } = this
    const most = room.sendEvery + (mostLateMs * room.tickRate) / 1000
    const late = Math.min(Math.max(tickDiff(room.serverTick(), this.lastTick), 0), most)
    this.lastTick = tick
    this.deviation += (Math.abs(late - this.late) - this.deviation) * follow
    this.late += (late - this.late) * follow
    this.sample(false)
    this.deliver(wrap(tick - (heldMs * room.tickRate) / 1000))
  }

  /** Notes where everything is in the newest snapshot. */
  private sample(early: boolean): void {
    for (const [name, table] of Object.entries(this.room.state)) {
      if (!isTable(table)) continue
      const drawn = this.drawnOf(name, table)
      for (const entity of table) {
        // What was there before it was worth drawing does not wait until its tick is drawn.
        if (drawn.sees?.(entity) === false) drawn.tracks.delete(entity.id)
        else this.note(drawn, table, entity, early || !drawn.added.has(entity.id))
      }
      drawn.added.clear()
      for (const [id, track] of drawn.tracks) {
        if (track.gone !== undefined && tickDiff(this.room.tick, track.gone) > mostSamples) drawn.tracks.delete(id)
      }
    }
  }

  private note({ smooth, steps, tracks }: Drawn, table: Table, entity: Entity, early: boolean): void {
    // A group may come at a lower rate than the frames: its own tick counts.
    const tick = table.entries.get(entity.id)?.places[0]?.rows.tick ?? this.room.tick
    let track = tracks.get(entity.id)
    const last = track?.samples.at(-1)
    if (track && last && track.gone === undefined && tick === last.tick) return
    if (!track || !last || track.gone !== undefined || tickDiff(tick, last.tick) < 0) {
      track = { samples: [], picture: { id: entity.id, entity }, early, gone: undefined, frame: -1, shown: undefined }
      tracks.set(entity.id, track)
    }
    const { samples } = track
    let old: Sample | undefined // what is past is written over: thousands of entities make much garbage
    while (samples.length > 2 && (samples.length >= mostSamples || tickDiff((samples[1] as Sample).tick, this.at) < -1))
      old = samples.shift()
    if (old === track.shown) track.shown = undefined
    const sample = old ?? { tick, numbers: smooth.empty(), rest: {}, jump: false }
    sample.tick = tick
    smooth.read(entity, sample.numbers)
    sample.rest.mine = entity.mine
    for (const name of steps) sample.rest[name] = entity[name]
    sample.jump = jumped(smooth, samples, tick, sample.numbers)
    samples.push(sample)
  }

  /** Brings an entity's picture to the moment chosen, once a frame. */
  private picture({ smooth, out }: Drawn, track: Track): Record<string, unknown> {
    const { samples, picture } = track
    if (track.frame === this.frame) return picture
    track.frame = this.frame
    const here = draw(smooth, samples, this.at, this.room, out)
    if (track.shown !== here) Object.assign(picture, here.rest)
    track.shown = here
    smooth.write(out, picture)
    return picture
  }

  private drawnOf(name: string, table: Table): Drawn {
    const old = this.tables.get(table)
    if (old) return old
    const smooth = new SmoothFields(table.fields, this.options.teleport?.[name])
    const steps = table.fields.map((f) => f.name).filter((field) => !smooth.has(field))
    const sees: Drawn['sees'] = this.options.sees?.[name as never]
    const drawn: Drawn = { smooth, out: smooth.empty(), steps, sees, added: new Set(), tracks: new Map() }
    this.tables.set(table, drawn)
    this.offs.push(
      table.onAdd(({ id }) => void drawn.added.add(id)),
      table.onRemove(({ id }) => {
        const track = drawn.tracks.get(id)
        if (track) track.gone = this.room.tick
      }),
    )
    return drawn
  }
}

function isTable(x: unknown): x is Table {
  return x instanceof Object && 'onAdd' in x
}

/** A tick with its fraction, from 0 to 2^32. */
function wrap(tick: number): number {
  return ((tick % 2 ** 32) + 2 ** 32) % 2 ** 32
}
