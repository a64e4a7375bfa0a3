// Prediction of the own entity: it answers to inputs at once, whatever the latency. A
// separate entry point: a game without a movement function does not pay for it.

import type { Field } from './descriptor.js'
import type { Off } from './emitter.js'
import type { AnyGame, UntypedGame } from './game.js'
import { maxSteps, OwnInputs } from './own-inputs.js'
import { decodePayload } from './payload.js'
import type { Room } from './room.js'
import { add, minus, SmoothFields } from './smooth.js'
import { predicted, type State, snapper } from './snap.js'
import type { Entity, Table } from './store.js'
import { tickDiff } from './tick.js'

const past = 3 // ticks before the newest snapshot that are kept: what is drawn may lag a little
const fadeMs = 100 // in which an error falls to a third
const maxSlew = 0.2 // share by which the drawn time may run fast or slow
const jumpTicks = 4 // beyond this the drawn time is set instead

/** What a movement function is told beside the entity and the input. */
export interface MoveEnv {
  /** Seconds of a tick, as a float32. */
  readonly dt: number
  /** The tick that is simulated. */
  readonly tick: number
}

/**
 * Moves an entity for one tick by writing its fields: the author's, the same as the
 * server's. It may use the fields with the predict tag only, and roundings of roomtick/math.
 */
export type Move<T, I> = (entity: T, input: I, env: MoveEnv) => void

/** The entities' type of a table, and those tables' names. */
type Row<G extends AnyGame, K extends keyof G['state']> = G['state'][K] extends Table<infer T> ? T : never

export interface PredictOptions<T> {
  /** Which entity is predicted; left out, the one this player owns, by its owner fields. */
  readonly own?: (entity: Entity<T>) => boolean
  /** Units in a tick beyond which an error is jumped over instead of faded. */
  readonly teleport?: number
}

/** Predicts the own entity of a table by the game's movement function. */
export function predict<
  G extends AnyGame = UntypedGame,
  K extends keyof G['state'] & string = keyof G['state'] & string,
>(
  room: Room<G>,
  table: K,
  move: Move<Row<G, K>, G['input']>,
  options: PredictOptions<Row<G, K>> = {},
): Predictor<Row<G, K>> {
  return new Predictor(room as unknown as Room, table, move as Move<State, State>, options as PredictOptions<unknown>)
}

/** One predicted tick. */
interface Step {
  readonly state: State
  readonly numbers: Float64Array
}

/** Runs ahead of the snapshots by the inputs that the server has yet to apply. */
export class Predictor<T> {
  /** The own entity as the newest snapshot has it; undefined while there is none. */
  entity: Entity<T> | undefined
  /** By how much the newest snapshot differed from what was predicted, in units. */
  correction = 0
  private readonly offs: Off[]
  private fields: readonly Field[] = []
  private smooth = new SmoothFields([])
  private snap: (state: State) => void = () => {}
  private readonly inputs: OwnInputs
  /** Predicted ticks, consecutive; the first is that of tick first. */
  private line: Step[] = []
  private first = 0
  /** The tick that is drawn, when it was chosen, and what is drawn. */
  private drawn = 0
  private drawnAt = 0
  private offset: Float64Array = new Float64Array(0)
  private picture: Float64Array = new Float64Array(0)
  private readonly shown: State = {}

  constructor(
    private readonly room: Room,
    private readonly name: string,
    private readonly move: Move<State, State>,
    private readonly options: PredictOptions<unknown>,
  ) {
    this.inputs = new OwnInputs(room)
    this.offs = [
      room.on('input', ({ tick, payload }) => {
        this.inputs.add(tick, decodePayload(room.inputFields, payload))
        if (this.line.length > 0) this.stepTo(tick)
      }),
      room.on('tick', (tick) => this.reconcile(tick)),
      room.on('conn', (state) => {
        if (state !== 'open') this.inputs.forget() // what the lost conn was sent may not have arrived
      }),
    ]
    room.input({}) // inputs flow from now on, so that predicted ticks pass
    this.reconcile(room.tick)
  }

  /** The newest predicted tick, exact; undefined while there is no own entity. */
  get state(): Readonly<T> | undefined {
    return this.line.at(-1)?.state as T | undefined
  }

  /**
   * What to draw at this moment, always the same object: between the last two predicted
   * ticks, with what is left of the last errors. Fields without the lerp tag step.
   */
  view(): Readonly<T> | undefined {
    if (this.line.length === 0) return undefined
    this.advance()
    const { smooth, picture, shown } = this
    this.sample(picture)
    add(picture, this.offset)
    const at = Math.ceil(tickDiff(this.drawn, this.first))
    Object.assign(shown, this.line[Math.min(Math.max(at, 0), this.line.length - 1)]?.state)
    smooth.write(picture, shown)
    return shown as T
  }

  /** Stops predicting. */
  stop(): void {
    for (const off of this.offs) off()
    this.line = []
  }

  /** Goes back to what the server says of a tick, and plays the inputs since then again. */
  private reconcile(tick: number): void {
    this.inputs.prune(tick)
    const entity = this.find()
    if (!entity) {
      this.entity = undefined
      this.line = []
      return
    }
    const same = entity.id === this.entity?.id && this.line.length > 0
    this.entity = entity as Entity<T>
    if (!same) this.begin()
    const state: State = {}
    for (const { name } of this.fields) state[name] = (entity as State)[name]
    const step = this.stepOf(state)
    const at = tickDiff(tick, this.first)
    const predictedStep = same ? this.line[at] : undefined
    this.correction = predictedStep ? this.distance(predictedStep, step) : 0
    const before = this.smooth.empty()
    if (same) this.sample(before)

    const kept = predictedStep ? this.line.slice(Math.max(at - past, 0), at) : []
    this.first = (tick - kept.length) >>> 0
    this.line = [...kept, step]
    this.inputs.begin()
    if (this.inputs.newest !== undefined) this.stepTo(this.inputs.newest)
    if (same) this.absorb(before)
    else this.drawn = this.end
  }

  /** Starts with an entity that was not predicted before. */
  private begin(): void {
    const table = this.table
    if (table && table.fields !== this.fields) {
      this.fields = predicted(table.fields)
      this.smooth = new SmoothFields(this.fields, this.options.teleport)
      this.snap = snapper(this.fields)
    }
    this.line = []
    this.offset = this.smooth.empty()
    this.picture = this.smooth.empty()
    this.drawnAt = this.room.now()
  }

  /** What is drawn shall not jump now: the difference is kept and fades, unless it is large. */
  private absorb(before: Float64Array): void {
    const { smooth, offset, picture } = this
    this.sample(picture)
    minus(smooth, before, picture, picture)
    add(offset, picture)
    const nothing = smooth.empty()
    if (smooth.teleports(nothing, offset, 1)) offset.fill(0)
  }

  private get table(): Table | undefined {
    return this.room.state[this.name]
  }

  /** The own entity, the same as long as it is there. */
  private find(): Entity | undefined {
    const { table, options } = this
    const own = options.own ?? ((entity: Entity) => entity.mine)
    const last = this.entity && table?.get(this.entity.id)
    if (last && own(last)) return last
    for (const entity of table ?? []) if (own(entity)) return entity
    return undefined
  }

  /** The tick of the newest step. */
  private get end(): number {
    return (this.first + this.line.length - 1) >>> 0
  }

  private stepOf(state: State): Step {
    return { state, numbers: this.smooth.read(state) }
  }

  private distance(a: Step, b: Step): number {
    let most = 0
    for (const { name } of this.fields) {
      const [from, to] = [flat(a.state[name]), flat(b.state[name])]
      from.forEach((v, i) => {
        if (v !== to[i]) most = Math.max(most, Math.abs(Number(v) - Number(to[i])))
      })
    }
    return most
  }

  private stepTo(tick: number): void {
    while (tickDiff(tick, this.end) > 0 && tickDiff(this.end, this.room.tick) < maxSteps) {
      const last = this.line.at(-1) as Step
      const next = (this.end + 1) >>> 0
      const state = copy(last.state)
      this.move(state, this.inputs.take(next), { dt: Math.fround(1 / this.room.tickRate), tick: next })
      this.snap(state)
      this.line.push(this.stepOf(state))
    }
  }

  /** Moves the drawn tick towards the one that inputs are for, and lets errors fade. */
  private advance(): void {
    const { room } = this
    const now = room.now()
    const passed = Math.max(0, now - this.drawnAt)
    const ticks = (passed * room.tickRate) / 1000
    this.drawnAt = now
    const behind = tickDiff(room.inputTick(), this.drawn) - ticks
    const most = ticks * maxSlew
    const step = Math.abs(behind) > jumpTicks ? behind : Math.min(Math.max(behind, -most), most)
    const last = tickDiff(this.end, this.drawn)
    this.drawn = (this.drawn + Math.min(ticks + step, last) + 2 ** 32) % 2 ** 32
    const left = Math.exp(-passed / fadeMs)
    for (let i = 0; i < this.offset.length; i++) this.offset[i] = (this.offset[i] as number) * left
  }

  /** The predicted values at the drawn tick, without errors. */
  private sample(out: Float64Array): void {
    const at = Math.min(Math.max(tickDiff(this.drawn, this.first), 0), this.line.length - 1)
    const i = Math.min(Math.floor(at), this.line.length - 2)
    const a = this.line[Math.max(i, 0)] as Step
    const b = this.line[i + 1] as Step
    this.smooth.mix(a.numbers, b.numbers, i < 0 ? 1 : at - i, out)
  }
}

function flat(value: unknown): unknown[] {
  return [value].flat(2)
}

/** Arrays are copied too: a movement writes into them. */
function copy(state: State): State {
  const own = (value: unknown): unknown => (Array.isArray(value) ? value.map(own) : value)
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [name, own(value)]))
}
