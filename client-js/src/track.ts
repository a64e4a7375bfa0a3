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
