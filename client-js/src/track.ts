import type { SmoothFields } from './smooth.js'
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
  /** In view from the start: drawn at once, not when its tick is. */
  readonly early: boolean
  /** The tick at which it went out of view. */
  gone: number | undefined
  /** The frame that the picture is of, and the sample that its other fields are from. */
  frame: number
  shown: Sample | undefined
}

/** How many ticks a motion is carried on when no snapshot comes; more for what comes seldom. */
export interface Carry {
  readonly ticks: number
  readonly slowest: number
}

/**
 * Sets out to what is drawn of an entity at a tick, and returns the sample that its other
 * fields are from. The server's Rewind draws the same.
 */
export function draw(
  smooth: SmoothFields,
  samples: readonly Sample[],
  at: number,
  carry: Carry,
  out: Float64Array,
): Sample {
  let i = samples.length - 1
  while (i > 0 && tickDiff((samples[i] as Sample).tick, at) > 0) i--
  const here = samples[i] as Sample
  const next = samples[i + 1]
  const since = Math.max(0, tickDiff(at, here.tick))
  if (next) {
    const share = next.jump ? 0 : since / tickDiff(next.tick, here.tick)
    smooth.mix(here.numbers, next.numbers, Math.min(share, 1), out)
    return here
  }
  const before = here.jump ? here : (samples[i - 1] ?? here)
  // What comes at a lower rate than the frames is carried on until its next sample.
  const apart = tickDiff(here.tick, before.tick) || 1
  const most = Math.min(since, Math.max(carry.ticks, Math.min(apart, carry.slowest)))
  smooth.mix(before.numbers, here.numbers, 1 + most / apart, out)
  return here
}

export interface Drawn {
  readonly smooth: SmoothFields
  /** Scratch of one picture's numbers. */
  readonly out: Float64Array
  readonly steps: readonly string[]
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
