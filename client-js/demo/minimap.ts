// A radar in a corner: ships, rocks and pick-ups as far as the server tells of them, the
// walls, and what the screen shows.

import type { Pickup, Rock, Ship } from './arena.js'
import type { Camera } from './camera.js'
import type { Size } from './draw-field.js'
import { pickupColours } from './draw-pickups.js'
import { dot, MinimapRocks } from './minimap-rocks.js'
import type { ShipPicture } from './scene.js'
import { degrees, hueKey } from './sprites.js'

const everyMs = 66
const range = 2400 // units from the middle to a side: what is told of in every direction
const maxRatio = 2

const shipColours = Array.from({ length: 32 }, (_, key) => `hsl(${degrees(key)} 90% 66%)`)

/** What is on the map, as the newest snapshot has it: nobody sees how smoothly a dot moves. */
export interface Mapped {
  readonly ships: Iterable<Ship>
  readonly pickups: Iterable<Pickup>
  readonly rocks: () => Iterable<Rock>
  readonly own: Readonly<ShipPicture> | undefined
}

export class Minimap {
  private readonly ctx: CanvasRenderingContext2D
  private readonly rocks = new MinimapRocks()
  private wide = 0 // CSS pixels; to ask the canvas each time would lay the page out
  private drawnAt = 0

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.ctx = canvas.getContext('2d') as CanvasRenderingContext2D
    new ResizeObserver(() => {
      this.wide = canvas.clientWidth
    }).observe(canvas)
  }

  /** Call once a picture. Draws it anew if it is time to. */
  draw(mapped: Mapped, camera: Camera, world: Size, now: number): void {
    const ratio = Math.min(devicePixelRatio || 1, maxRatio)
    const side = Math.round(this.wide * ratio)
    if (side === 0) return
    const k = side / (2 * range)
    const left = range - camera.x
    const top = range - camera.y
    this.rocks.paint(mapped.rocks, side, k, left, top, now)
    if (now - this.drawnAt < everyMs) return
    this.drawnAt = now
    const { canvas, ctx } = this
    if (canvas.width !== side) canvas.width = canvas.height = side
    ctx.clearRect(0, 0, side, side)
    this.rocks.stamp(ctx, k, left, top)
    ctx.strokeStyle = 'rgb(120 140 220 / 0.8)'
    ctx.lineWidth = 2 * ratio
    ctx.setTransform(1, 0, 0, 1, left * k, top * k)
    ctx.strokeRect(0, 0, world.width * k, world.height * k)
    this.drawDots(mapped, k, ratio)
    this.drawView(camera, k, ratio)
    ctx.setTransform(1, 0, 0, 1, 0, 0)
    const { own } = mapped
    if (own) this.drawOwn((own.x + left) * k, (own.y + top) * k, own.angle, ratio)
  }

  private drawDots({ ships, pickups, own }: Mapped, k: number, ratio: number): void {
    const { ctx } = this
    for (const { x, y, kind } of pickups) {
      ctx.fillStyle = pickupColours[kind] ?? '#fff'
      ctx.fillRect(x * k - ratio, y * k - ratio, 2.5 * ratio, 2.5 * ratio)
    }
    for (const { x, y, hue, seat } of ships) {
      if (seat === own?.seat) continue
      ctx.fillStyle = shipColours[hueKey(hue)] as string
      dot(ctx, x * k, y * k, 2 * ratio)
    }
  }

  private drawView(camera: Camera, k: number, ratio: number): void {
    const w = (camera.width / camera.k) * k
    const h = (camera.height / camera.k) * k
    this.ctx.strokeStyle = 'rgb(200 212 255 / 0.55)'
    this.ctx.lineWidth = ratio
    this.ctx.strokeRect(camera.x * k - w / 2, camera.y * k - h / 2, w, h)
  }

  private drawOwn(x: number, y: number, angle: number, ratio: number): void {
    const { ctx } = this
    ctx.setTransform(
      Math.cos(angle) * ratio,
      Math.sin(angle) * ratio,
      -Math.sin(angle) * ratio,
      Math.cos(angle) * ratio,
      x,
      y,
    )
    ctx.fillStyle = '#fff'
    ctx.beginPath()
    ctx.moveTo(5.5, 0)
    ctx.lineTo(-4, 3.6)
    ctx.lineTo(-4, -3.6)
    ctx.fill()
    ctx.setTransform(1, 0, 0, 1, 0, 0)
  }
}
