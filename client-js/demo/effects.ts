// What events look and sound like: muzzle flashes, explosions, shake.

import type { Room } from '../src/index.js'
import type { Arena, Boom } from './arena.js'
import type { Camera } from './camera.js'
import { Particles } from './particles.js'
import type { Scene, ShipPicture } from './scene.js'
import type { Sounds } from './sound.js'
import { degrees, Glow, glows, hueKey } from './sprites.js'

const flashMs = 90
const mostFlashes = 32
const bow = 20 // units from a ship's middle
const crowd = 60 // with more ships on the screen engines leave no trail

interface Flash {
  seat: number
  at: number
  key: number
}

export class Effects {
  readonly particles = new Particles()
  private readonly flashes: Flash[] = Array.from({ length: mostFlashes }, () => ({ seat: 0, at: 0, key: 0 }))
  private nextFlash = 0

  constructor(
    private readonly room: Room<Arena>,
    private readonly scene: Scene,
    private readonly camera: Camera,
    private readonly sounds: Sounds,
  ) {
    room.events.on('shots', ({ seat, x, y }) => {
      // The own gun flashes when the trigger is pulled, not when the server answers.
      if (seat !== room.seat) this.fire(seat, x, y)
    })
    room.events.on('booms', (boom) => this.boom(boom))
  }

  /** A gun fires: the own one as soon as its player wants it to. */
  fire(seat: number, x: number, y: number): void {
    const ship = this.scene.shipOf(seat)
    const flash = this.flashes[this.nextFlash] as Flash
    this.nextFlash = (this.nextFlash + 1) % mostFlashes
    flash.seat = seat
    flash.at = performance.now()
    flash.key = ship ? hueKey(ship.hue) : Glow.white
    if (seat === this.room.seat) this.camera.shake(0.07)
    this.sounds.play('shot', this.camera.nearness(x, y) * (seat === this.room.seat ? 1 : 0.55), this.panOf(x))
  }

  /** Draws what is not particles, and lets engines leave their trail. */
  draw(now: number, dt: number): void {
    const { camera, scene, particles } = this
    camera.ctx.globalCompositeOperation = 'lighter'
    for (const flash of this.flashes) {
      const age = (now - flash.at) / flashMs
      const ship = age < 1 && flash.at > 0 ? scene.shipOf(flash.seat) : undefined
      if (ship) this.drawFlash(ship, flash.key, age)
    }
    camera.ctx.globalCompositeOperation = 'source-over'
    if (camera.rich && scene.ships.length <= crowd)
      for (const ship of scene.ships) if (ship.thrust) this.trail(ship, dt)
    particles.draw(camera, dt)
  }

  private drawFlash({ x, y, angle }: Readonly<ShipPicture>, key: number, age: number): void {
    const tipX = x + Math.cos(angle) * bow
    const tipY = y + Math.sin(angle) * bow
    this.camera.ctx.globalAlpha = 1 - age
    glows.stamp(this.camera, key, tipX, tipY, 0, 0.9)
    glows.stamp(this.camera, Glow.white, tipX, tipY, 0, 0.45)
    this.camera.ctx.globalAlpha = 1
  }

  private trail(ship: Readonly<ShipPicture>, dt: number): void {
    if (Math.random() > dt * 40 || !this.camera.sees(ship.x, ship.y, 40)) return
    const angle = ship.angle + Math.PI + (Math.random() - 0.5) * 0.5
    const x = ship.x + Math.cos(angle) * 20
    const y = ship.y + Math.sin(angle) * 20
    this.particles.add(x, y, Math.cos(angle) * 70, Math.sin(angle) * 70, 0.26, 0.55, hueKey(ship.hue))
  }

  private boom({ x, y, size, hue }: Boom): void {
    const { particles, camera, sounds } = this
    const near = camera.nearness(x, y)
    if (near === 0) return
    const key = hueKey(hue)
    if (size === 1) {
      particles.burst(x, y, 9, 230, 0.22, 0.35, key)
      particles.add(x, y, 0, 0, 0.9, 0.12, Glow.white)
      sounds.play('hit', near * 0.6, this.panOf(x))
    } else if (size === 2) {
      particles.burst(x, y, 22, 190, 0.34, 0.8, Glow.grey)
      particles.burst(x, y, 8, 120, 0.3, 0.5, Glow.fire)
      particles.wave(x, y, 80, 0.4, 220)
      sounds.play('rock', near, this.panOf(x))
    } else {
      particles.add(x, y, 0, 0, 2.6, 0.22, Glow.white)
      particles.burst(x, y, 26, 360, 0.46, 0.85, Glow.fire)
      particles.burst(x, y, 30, 260, 0.4, 1.2, key)
      particles.burst(x, y, 7, 90, 0.8, 1.1, Glow.grey)
      particles.wave(x, y, 150, 0.6, degrees(key))
      particles.wave(x, y, 90, 0.42, 40)
      camera.shake(0.75 * near * near)
      sounds.play('ship', near, this.panOf(x))
    }
  }

  private panOf(x: number): number {
    return Math.max(-0.8, Math.min(0.8, (x - this.camera.x) / 700))
  }
}
