// A radar in a corner: ships, rocks and pick-ups as far as the server tells of them, the
// walls, and what the screen shows.

import type { Pickup, Rock } from './arena.js'
import type { Camera } from './camera.js'
import type { Size } from './draw-field.js'
import { pickupColours } from './draw-pickups.js'
import { radiusOf } from './draw-rocks.js'
import type { Scene } from './scene.js'
import { degrees, hueKey } from './sprites.js'

const everyMs = 66
const range = 2400 // units from the middle to a side: what is told of in every direction
const maxRatio = 2
const rocksMs = 400 // rocks drift slowly and may be thousands: painted apart, and less often
const roundFrom = 1.2 // CSS pixels of radius: nobody sees the corners of less

const shipColours = Array.from({ length: 32 }, (_, key) => `hsl(${degrees(key)} 90% 66%)`)

export class Minimap {
  private readonly ctx: CanvasRenderingContext2D
  private readonly rocks = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D
  private drawnAt = 0
  private rocksAt = 0
  private rocksLeft = 0
  private rocksTop = 0

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.ctx = canvas.getContext('2d') as CanvasRenderingContext2D
  }

  /** Draws it anew if it is time to. */
  draw(
    { ships, own }: Scene,
    rocks: Iterable<Rock>,
    pickups: Iterable<Pickup>,
    camera: Camera,
    world: Size,
    now: number,
  ): void {
    if (now - this.drawnAt < everyMs) return
    this.drawnAt = now
    const { canvas, ctx } = this
    const ratio = Math.min(devicePixelRatio || 1, maxRatio)
    const side = Math.round(canvas.clientWidth * ratio)
    if (side === 0) return
    if (canvas.width !== side) canvas.width = canvas.height = side
    const k = side / (2 * range)
    const left = range - camera.x
    const top = range - camera.y
    ctx.clearRect(0, 0, side, side)
    this.paintRocks(rocks, side, k, ratio, left, top, now)
    ctx.drawImage(this.rocks.canvas, (left - this.rocksLeft) * k, (top - this.rocksTop) * k)
    ctx.strokeStyle = 'rgb(120 140 220 / 0.8)'
    ctx.lineWidth = 2 * ratio
    ctx.setTransform(1, 0, 0, 1, left * k, top * k)
    ctx.strokeRect(0, 0, world.width * k, world.height * k)
    for (const pickup of pickups) {
      ctx.fillStyle = pickupColours[pickup.kind] ?? '#fff'
      ctx.fillRect(pickup.x * k - ratio, pickup.y * k - ratio, 2.5 * ratio, 2.5 * ratio)
    }
    for (const ship of ships) {
      if (ship === own) continue
      ctx.fillStyle = shipColours[hueKey(ship.hue)] as string
      dot(ctx, ship.x * k, ship.y * k, 2 * ratio)
    }
    this.drawView(camera, k, ratio)
    ctx.setTransform(1, 0, 0, 1, 0, 0)
    if (own) this.drawOwn((own.x + left) * k, (own.y + top) * k, own.angle, ratio)
  }

  private paintRocks(
    rocks: Iterable<Rock>,
    side: number,
    k: number,
    ratio: number,
    left: number,
    top: number,
    now: number,
  ): void {
    const { canvas } = this.rocks
    if (now - this.rocksAt < rocksMs && canvas.width === side) return
    this.rocksAt = now
    this.rocksLeft = left
    this.rocksTop = top
    canvas.width = canvas.height = side // which clears it
    this.rocks.setTransform(1, 0, 0, 1, left * k, top * k)
    this.rocks.fillStyle = '#616b8f'
    for (const rock of rocks) {
      const r = Math.max(radiusOf(rock) * k, ratio)
      if (r < roundFrom * ratio) this.rocks.fillRect(rock.x * k - r, rock.y * k - r, 2 * r, 2 * r)
      else dot(this.rocks, rock.x * k, rock.y * k, r)
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

function dot(ctx: CanvasRenderingContext2D, x: number, y: number, r: number): void {
  ctx.beginPath()
  ctx.arc(x, y, r, 0, 7)
  ctx.fill()
}
