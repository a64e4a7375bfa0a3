// When the own gun fires, as far as this page can tell: the flash and the sound answer
// at once, the bullet comes from the server.

import { Power, rapidMs, reloadMs } from './rules.js'
import type { ShipPicture } from './scene.js'

export class Trigger {
  private next = 0
  private pulled = false

  /** The trigger was pulled; it may have been let go since. */
  pull(): void {
    this.pulled = true
  }

  /** Whether the gun fires in this frame. */
  fires(ship: Readonly<ShipPicture> | undefined, held: boolean, now: number): boolean {
    if (!ship || now < this.next || !(held || this.pulled)) {
      if (!ship) this.pulled = false
      return false
    }
    this.pulled = false
    this.next = now + (ship.power === Power.rapid ? rapidMs : reloadMs)
    return true
  }
}
