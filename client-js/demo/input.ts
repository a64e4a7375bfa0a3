// What the player wants, from whatever it is played with: keys, mouse or thumbs.

import type { Room } from '../src/index.js'
import type { Arena } from './arena.js'
import { watchKeys } from './keyboard.js'
import { watchMouse } from './mouse.js'
import type { ShipPicture } from './scene.js'
import { watchThumbs } from './thumbs.js'
import { Trigger } from './trigger.js'

const onCourse = 0.1 // radians: a tick turns farther than that, so closer is as near as it gets

/** What one device asks for. Several may ask at once. */
export interface Wish {
  turn: number
  /** Where the bow shall point, radians, if the device names a direction. */
  heading: number | undefined
  thrust: boolean
  fire: boolean
}

/** Tells that a device has something new to say; pulled, that its trigger was. */
export type Heard = (pulled?: boolean) => void

export function noWish(): Wish {
  return { turn: 0, heading: undefined, thrust: false, fire: false }
}

export class Input {
  readonly trigger = new Trigger()
  private readonly keys = noWish()
  private readonly mouse = noWish()
  private readonly thumbs = noWish()
  private turn = 0
  private thrust = false
  private hold = false

  constructor(
    private readonly room: Room<Arena>,
    canvas: HTMLCanvasElement,
  ) {
    const heard: Heard = (pulled) => {
      if (!pulled) return
      this.trigger.pull()
      room.input({ fire: true })
    }
    watchKeys(this.keys, heard, () => {
      this.mouse.heading = undefined // who turns by keys does not want the pointer to turn back
    })
    watchMouse(this.mouse, canvas, heard)
    watchThumbs(this.thumbs, heard)
  }

  /** Whether the trigger is held. */
  get fire(): boolean {
    return this.hold
  }

  /** Sends what has changed; once a frame, because a heading depends on where the ship points. */
  update(own: Readonly<ShipPicture> | undefined): void {
    const { keys, mouse, thumbs } = this
    const heading = thumbs.heading ?? mouse.heading
    const turn = keys.turn || (own && heading !== undefined ? towards(own.angle, heading) : 0)
    const thrust = keys.thrust || mouse.thrust || thumbs.thrust
    const hold = keys.fire || mouse.fire || thumbs.fire
    if (turn === this.turn && thrust === this.thrust && hold === this.hold) return
    this.turn = turn
    this.thrust = thrust
    this.hold = hold
    this.room.input({ turn, thrust, hold })
  }
}

/** The turn that brings an angle to a heading by the shorter way. */
function towards(angle: number, heading: number): number {
  const off = heading - angle - Math.round((heading - angle) / (2 * Math.PI)) * 2 * Math.PI
  return Math.abs(off) < onCourse ? 0 : Math.sign(off)
}
