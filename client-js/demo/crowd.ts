// Ships and rocks that only this page has: they fly behind the join screen, and
// ?crowd=200&rocks=3000 adds so many to the game to see how well the page draws them.
// Nobody else sees them.

import type { Rock } from './arena.js'
import type { Camera } from './camera.js'
import { worldSize } from './rules.js'
import type { Seen, ShipPicture } from './scene.js'
import { noise } from './sprites.js'

/** Makes ships that fly in circles around the middle of the screen, all of them on it, and rocks everywhere. */
export class Crowd {
  readonly ships: ShipPicture[]
  readonly rocks: Seen<Rock>[]

  constructor(ships: number, rocks = 0) {
    this.ships = Array.from({ length: ships }, (_, i) => pictureOf(i))
    this.rocks = Array.from({ length: rocks }, (_, i) => ({
      id: -1 - i,
      mine: false,
      x: noise(i, 6) * worldSize,
      y: noise(i, 7) * worldSize,
      size: 1 + (i % 3),
    }))
  }

  /** Brings them to a moment, in milliseconds. */
  update(camera: Camera, now: number): void {
    const wide = camera.width / camera.k / 2
    const high = camera.height / camera.k / 2
    this.ships.forEach((ship, i) => {
      const pace = (0.00022 + noise(i, 1) * 0.0003) * (i % 2 ? 1 : -1)
      const at = now * pace + noise(i, 2) * 7
      const reach = 0.25 + 0.72 * noise(i, 3)
      const [a, b] = [at, at * (1 + noise(i, 4))]
      ship.x = camera.x + Math.cos(a) * wide * reach
      ship.y = camera.y + Math.sin(b) * high * reach
      const vx = -Math.sin(a) * pace * wide
      const vy = Math.cos(b) * pace * (1 + noise(i, 4)) * high
      ship.angle = Math.atan2(vy, vx)
      ship.thrust = noise(i, Math.floor(now / 900)) > 0.35
    })
  }
}

function pictureOf(i: number): ShipPicture {
  return {
    id: -1 - i,
    x: 0,
    y: 0,
    angle: 0,
    thrust: true,
    hp: 40 + Math.floor(noise(i, 5) * 61),
    safe: i % 11 === 3,
    power: i % 9 === 4 ? 2 : i % 7 === 2 ? 1 : 0,
    points: 0,
    name: `Extra ${i + 1}`,
    hue: (i * 158) % 256,
    team: 0,
    seat: 1000 + i,
  }
}
