import { type Field, FieldKind, Flag } from './descriptor.js'
import type { Room } from './room.js'
import type { State } from './snap.js'
import { tickDiff } from './tick.js'
import type { InputState } from './wire/input-state.js'

/** Ticks ahead of the newest snapshot that are predicted; beyond them the entity stands still. */
export const maxSteps = 64

const lateTicks = 2 // an input that many ticks late still gives its edge fields, PROTOCOL.md 6.2
const applied: InputState.Applied = 1
const late: InputState.Late = 3

/** The own inputs that the server has not applied yet, by tick. */
export class OwnInputs {
  /** The newest tick that one was sent for. */
  newest: number | undefined
  private readonly sent = new Map<number, State>()
  /** Input of the last step: what a tick without one repeats. */
  private held: State = {}

  constructor(private readonly room: Room) {}

  add(tick: number, values: State): void {
    this.sent.set(tick, values)
    this.newest = tick
  }

  /** What a lost conn was sent may not have arrived. */
  forget(): void {
    this.sent.clear()
    this.newest = undefined
  }

  /** Starts again from the newest snapshot. */
  begin(): void {
    this.held = this.sent.get(this.room.inputAck) ?? this.held
  }

  /** The input that the server will use for a tick, as far as we can know; what the next one repeats. */
  take(tick: number): State {
    const edges = this.room.inputFields.filter((f) => f.flags & Flag.edge)
    const own = this.sent.get(tick)
    const input = { ...(own ?? this.held) }
    if (!own) for (const f of edges) delete input[f.name]
    if (own || edges.length > 0) this.mergeLate(tick, edges, input)
    this.held = this.complete(input)
    return this.held
  }

  /** Inputs that came, or will come, after their tick give their edge fields to the next one. */
  private mergeLate(tick: number, edges: readonly Field[], input: State): void {
    const { tick: newest, inputAck, inputState } = this.room
    if (tick !== (newest + 1) >>> 0 || inputState === applied) return
    const merged = inputState === late ? 1 : lateTicks // what came up to now has been merged already
    for (let back = merged; back > 0; back--) {
      const from = (tick - back) >>> 0
      const missed = tickDiff(from, inputAck) > 0 ? this.sent.get(from) : undefined
      for (const f of edges) input[f.name] ||= missed?.[f.name]
    }
  }

  /** Fields that were never set read as zero, as on the server. */
  private complete(input: State): State {
    for (const f of this.room.inputFields) input[f.name] ??= f.count > 0 ? Array(f.count).fill(zero(f)) : zero(f)
    return input
  }

  /** Forgets what is too old to matter for the snapshot of a tick. */
  prune(tick: number): void {
    for (const old of this.sent.keys()) {
      const age = tickDiff(tick, old)
      if ((age > lateTicks && old !== this.room.inputAck) || age > maxSteps) this.sent.delete(old)
    }
  }
}

function zero({ kind }: Field): unknown {
  if (kind === FieldKind.Quat) return [0, 0, 0, 0]
  return kind === FieldKind.Bool ? false : kind === FieldKind.String ? '' : 0
}
