import type { Table } from '../src/index.js'

/** A ship of the arena, as the server describes it. */
export interface Ship {
  /** 0 to 8000, units. */
  x: number
  y: number
  /** Where the bow points, radians; 0 is +x, grows towards +y. */
  angle: number
  thrust: boolean
  name: string
  /** 256 are the full circle. */
  hue: number
  /** Units a second; the own ship's only. */
  vx?: number
  vy?: number
}

/** The arena's types for `join<Arena>`. */
export interface Arena {
  state: { ships: Table<Ship> }
  input: { turn: number; thrust: boolean; fire: boolean }
  events: { shots: { x: number; y: number; angle: number } }
  sends: Record<never, object>
}
