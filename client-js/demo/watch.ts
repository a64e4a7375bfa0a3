// Watching without a seat: whose ship the camera follows, and the bar that says so.

import type { Room } from '../src/index.js'
import type { Arena } from './arena.js'
import { element, setText } from './element.js'
import { playNow } from './home.js'
import { watchDelayMs } from './rules.js'
import type { Scene, ShipPicture } from './scene.js'

const awayMs = 4000 // longer than a player is without a ship: that one has left

/** Follows the leader until the one who watches asks for another. */
export class Watch {
  private seenAt = Number.NEGATIVE_INFINITY

  constructor(
    private readonly room: Room<Arena>,
    private readonly scene: Scene,
  ) {
    element('game').classList.add('watching')
    element('watching').hidden = false
    setText(element('watch-delay'), `${watchDelayMs / 1000} s behind`)
    element('watch-before').addEventListener('click', () => this.step(-1))
    element('watch-next').addEventListener('click', () => this.step(1))
    element('play-now').addEventListener('click', playNow)
    addEventListener('keydown', ({ code, target }) => {
      if (target instanceof HTMLInputElement) return
      if (code === 'ArrowLeft' || code === 'KeyA') this.step(-1)
      if (code === 'ArrowRight' || code === 'KeyD') this.step(1)
    })
  }

  /** The ship to look at; undefined while it waits for its next one. */
  ship(now: number): Readonly<ShipPicture> | undefined {
    const ship = this.scene.shipOf(this.scene.follows)
    if (ship) {
      this.seenAt = now
      setText(element('watched'), ship.name)
    } else if (now - this.seenAt > awayMs) {
      this.scene.follows = this.leader()
      this.seenAt = now
    }
    return ship
  }

  /** The seat of the best player who has a ship, or of any other. */
  private leader(): number {
    const flying = this.seats()
    return this.room.state.board?.seats.find((seat) => flying.includes(seat)) ?? flying[0] ?? this.room.seat
  }

  /** Goes on to the next ship, or back to the one before, in the order of seats. */
  private step(by: 1 | -1): void {
    const flying = this.seats()
    const { follows } = this.scene
    const next = flying.find((seat) => seat > follows) ?? flying[0]
    const before = flying.filter((seat) => seat < follows).at(-1) ?? flying.at(-1)
    this.scene.follows = (by > 0 ? next : before) ?? follows
  }

  private seats(): number[] {
    return [...this.room.state.ships].map(({ seat }) => seat).sort((a, b) => a - b)
  }
}
