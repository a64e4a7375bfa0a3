import type { SmoothFields } from './smooth.js'
import type { Entity } from './store.js'
import { tickDiff } from './tick.js'

/** One snapshot of an entity. */
export interface Sample {
  tick: number
  readonly numbers: Float64Array
  /** Fields that step. */
  readonly rest: Record<string, unknown>
  /** It did not move here from the sample before. */
  jump: boolean
}

export interface Track {
  readonly samples: Sample[]
  /** What all yields; kept while the entity is drawn. */
  readonly picture: Record<string, unknown>
  /** There before it could be drawn: drawn at once, not when its tick is. */
  readonly early: boolean
  /** The tick at which it went out of view. */
  gone: number | undefined
  /** The frame that the picture is of, and the sample that its other fields are from. */
  frame: number
  shown: Sample | undefined
}

const carryMs = 100 // motion is carried on that long when no snapshot comes

/** How fast a room ticks and sends. */
export interface Pace {
  readonly tickRate: number
  readonly sendEvery: number
}

/**
 * Sets out to what is drawn of an entity at a tick, and returns the sample that its other
 * fields are from. The server's Rewind draws the same.
 */
export function draw(
  smooth: SmoothFields,
  samples: readonly Sample[],
  at: number,
  { tickRate, sendEvery }: Pace,
  out: Float64Array,
): Sample {
  let i = samples.length - 1
  while (i > 0 && tickDiff((samples[i] as Sample).tick, at) > 0) i--
  const here = samples[i] as Sample
  const next = samples[i + 1]
  const before = next || here.jump ? here : (samples[i - 1] ?? here)
  const after = next ?? here
  const apart = tickDiff(after.tick, before.tick) || 1
  const since = Math.max(0, tickDiff(at, here.tick))
  // What comes at a lower rate than the frames is carried on until its next sample.
  const carry = Math.max((carryMs * tickRate) / 1000, Math.min(apart, 4 * sendEvery))
  const most = next?.jump ? 0 : next ? apart : carry
  smooth.mix(before.numbers, after.numbers, Math.min(since, most) / apart + (next ? 0 : 1), out)
  return here
}

export interface Drawn {
  readonly smooth: SmoothFields
  /** Scratch of one picture's numbers. */
  readonly out: Float64Array
  readonly steps: readonly string[]
  /** Whether an entity is worth drawing; undefined, all are. */
  readonly sees: ((entity: Entity) => boolean) | undefined
  /** What the newest snapshot has brought. */
  readonly added: Set<number>
  readonly tracks: Map<number, Track>
}

/** Whether an entity got to these numbers other than by moving on from its last samples. */
export function jumped(smooth: SmoothFields, samples: readonly Sample[], tick: number, numbers: Float64Array): boolean {
  const last = samples.at(-1)
  if (!last) return true
  const before = last.jump ? undefined : samples.at(-2)
  const pace = before && { numbers: before.numbers, ticks: tickDiff(last.tick, before.tick) }
  return smooth.teleports(last.numbers, numbers, tickDiff(tick, last.tick), pace)
}
