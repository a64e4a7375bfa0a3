// How ships fly: sim/arena/ship.go, operation by operation. Every product and sum is
// rounded to float32 as Go does, so that the browser and the server get the same bits.

import { cos, f32, sin, sqrt, wrapAngle } from '../src/math.js'
import type { MoveEnv } from '../src/predict.js'
import * as rules from './rules.js'

const { acceleration, maxSpeed, worldSize } = rules
const [turnRate, drag, wallSpeed] = [f32(rules.turnRate), f32(rules.drag), f32(rules.wallSpeed)]

/** What a movement reads and writes of a ship: its predict fields. */
export interface Flight {
  x: number
  y: number
  angle: number
  vx?: number
  vy?: number
  thrust: boolean
}

/** What a movement reads of an input. */
export interface Steering {
  turn: number
  thrust: boolean
}

/** Flies a ship for one tick. */
export function move(s: Flight, input: Steering, { dt }: MoveEnv): void {
  s.angle = wrapAngle(f32(s.angle + f32(f32(input.turn * turnRate) * dt)))
  s.thrust = input.thrust
  const keep = f32(1 - f32(drag * dt))
  let vx = f32((s.vx ?? 0) * keep)
  let vy = f32((s.vy ?? 0) * keep)
  if (s.thrust) {
    const push = f32(acceleration * dt)
    vx = f32(vx + f32(push * cos(s.angle)))
    vy = f32(vy + f32(push * sin(s.angle)))
  }
  const speed = sqrt(f32(f32(vx * vx) + f32(vy * vy)))
  if (speed > maxSpeed) {
    const cut = f32(maxSpeed / speed)
    vx = f32(vx * cut)
    vy = f32(vy * cut)
  }
  ;[s.x, s.vx] = glide(s.x, vx, dt)
  ;[s.y, s.vy] = glide(s.y, vy, dt)
}

/** Moves one coordinate by its velocity and bounces it softly off the walls. */
function glide(from: number, v: number, dt: number): [x: number, v: number] {
  const x = f32(from + f32(v * dt))
  if (x < 0) return [-x, f32(-v * wallSpeed)]
  if (x > worldSize) return [f32(2 * worldSize - x), f32(-v * wallSpeed)]
  return [x, v]
}
