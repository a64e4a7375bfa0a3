// Sparks, smoke and waves. All of them live in arrays of fixed size: when those are full
// the oldest give way, and nothing is allocated while a fight goes on.

import type { Camera } from './camera.js'
import { glows } from './sprites.js'

const most = 900
const mostWaves = 24
const drag = 1.6 // share of the speed lost in a second

export class Particles {
  private readonly x = new Float32Array(most)
  private readonly y = new Float32Array(most)
  private readonly vx = new Float32Array(most)
  private readonly vy = new Float32Array(most)
  private readonly size = new Float32Array(most)
  private readonly life = new Float32Array(most)
  private readonly left = new Float32Array(most)
  private readonly key = new Uint8Array(most)
  private next = 0
  /** Waves: x, y, radius at the end, seconds, seconds left, degrees of hue. */
  private readonly waves = new Float32Array(mostWaves * 6)
  private nextWave = 0

  /** One glow at a point, with a velocity in units a second; size 1 is 32 units in radius. */
  add(x: number, y: number, vx: number, vy: number, size: number, seconds: number, key: number): void {
    const i = this.next
    this.next = (i + 1) % most
    this.x[i] = x
    this.y[i] = y
    this.vx[i] = vx
    this.vy[i] = vy
    this.size[i] = size
    this.life[i] = this.left[i] = seconds
    this.key[i] = key
  }

  /** Glows that fly apart from a point, each a little differently. */
  burst(x: number, y: number, count: number, speed: number, size: number, seconds: number, key: number): void {
    for (let i = 0; i < count; i++) {
      const angle = Math.random() * 2 * Math.PI
      const pace = speed * (0.3 + Math.random() * 0.7)
      const share = 0.5 + Math.random()
      this.add(x, y, Math.cos(angle) * pace, Math.sin(angle) * pace, size * share, seconds * share, key)
    }
  }

  /** A ring that widens and fades. */
  wave(x: number, y: number, radius: number, seconds: number, hue: number): void {
    const i = this.nextWave
    this.nextWave = (i + 6) % this.waves.length
    this.waves.set([x, y, radius, seconds, seconds, hue], i)
  }

  /** Forgets all, after a time in which nothing was drawn. */
  clear(): void {
    this.left.fill(0)
    this.waves.fill(0)
  }

  draw(camera: Camera, dt: number): void {
    const { ctx } = camera
    ctx.globalCompositeOperation = 'lighter'
    const keep = Math.exp(-drag * dt)
    for (let i = 0; i < most; i++) {
      const left = (this.left[i] as number) - dt
      if (left <= -dt) continue
      this.left[i] = left
      if (left <= 0) continue
      this.vx[i] = (this.vx[i] as number) * keep
      this.vy[i] = (this.vy[i] as number) * keep
      const x = (this.x[i] as number) + (this.vx[i] as number) * dt
      const y = (this.y[i] as number) + (this.vy[i] as number) * dt
      this.x[i] = x
      this.y[i] = y
      const share = left / (this.life[i] as number)
      const size = (this.size[i] as number) * (0.35 + 0.65 * share)
      if (!camera.sees(x, y, size * 32)) continue
      ctx.globalAlpha = share
      glows.stamp(camera, this.key[i] as number, x, y, 0, size)
    }
    ctx.globalAlpha = 1
    this.drawWaves(camera, dt)
    ctx.globalCompositeOperation = 'source-over'
  }

  private drawWaves({ ctx, k, left: originX, top: originY }: Camera, dt: number): void {
    ctx.setTransform(1, 0, 0, 1, 0, 0)
    const { waves } = this
    for (let i = 0; i < waves.length; i += 6) {
      const left = (waves[i + 4] as number) - dt
      if (left <= 0) continue
      waves[i + 4] = left
      const share = left / (waves[i + 3] as number)
      const radius = (waves[i + 2] as number) * (1 - share * share) * k
      ctx.strokeStyle = `hsl(${waves[i + 5]} 90% 80% / ${share * 0.8})`
      ctx.lineWidth = 1 + 4.5 * share * k
      ctx.beginPath()
      ctx.arc((waves[i] as number) * k + originX, (waves[i + 1] as number) * k + originY, radius, 0, 7)
      ctx.stroke()
    }
  }
}
