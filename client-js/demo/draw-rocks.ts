// Rocks turn slowly, and the light on them does not: each has a picture of its own, which is
// painted anew when it has turned by more than can be seen. To draw it is then a plain copy:
// turned or between two pixels it would cost twenty times as much where no GPU helps.

import type { Rock } from './arena.js'
import type { Camera } from './camera.js'
import { bodies, farthest, forms, rockReach, shade } from './paint-rock.js'
import { rockRadii } from './rules.js'
import type { Seen } from './scene.js'
import { noise } from './sprites.js'

const crowd = 40 // a machine that cannot keep up gets more of them without their shade
const seenTurn = 1.2 // device pixels that a rim may be off
const spare = 32 // pictures kept beyond those on the screen

export function radiusOf({ size }: Pick<Rock, 'size'>): number {
  return rockRadii[size] ?? farthest
}

interface Picture {
  readonly ctx: CanvasRenderingContext2D
  /** What it shows: which size at which scale, turned how far, with its shade or without. */
  size: number
  k: number
  angle: number
  shaded: boolean
  seen: number
}

export class Rocks {
  private readonly pictures = new Map<number, Picture>()
  private readonly free: Picture[] = []

  draw(camera: Camera, rocks: readonly Seen<Rock>[], now: number): void {
    const { ctx, k, left, top } = camera
    const shaded = camera.rich || rocks.length < crowd
    ctx.setTransform(1, 0, 0, 1, 0, 0)
    for (const rock of rocks) {
      if (!camera.sees(rock.x, rock.y, rockReach[rock.size] ?? farthest)) continue
      const picture = this.pictureOf(rock)
      picture.seen = now
      turn(picture, rock, k, shaded, now)
      const { canvas } = picture.ctx
      const half = canvas.width / 2
      ctx.drawImage(canvas, Math.round(rock.x * k + left) - half, Math.round(rock.y * k + top) - half)
    }
    if (this.pictures.size > spare) this.forget(now)
  }

  private pictureOf({ id }: Seen<Rock>): Picture {
    let picture = this.pictures.get(id)
    if (!picture) {
      picture = this.free.pop() ?? newPicture()
      picture.k = 0 // shows another rock, if any
      this.pictures.set(id, picture)
    }
    return picture
  }

  private forget(now: number): void {
    for (const [id, picture] of this.pictures) {
      if (picture.seen === now) continue
      this.pictures.delete(id)
      if (this.free.length < spare) this.free.push(picture)
    }
  }
}

/** Paints a rock's picture anew if it shows by now that it is not the rock's. */
function turn(picture: Picture, rock: Seen<Rock>, k: number, shaded: boolean, now: number): void {
  const { id, size } = rock
  const radius = radiusOf(rock)
  const angle = id + (now * (noise(id, 1) - 0.5)) / (500 * size)
  const same = picture.size === size && picture.k === k && picture.shaded === shaded
  if (same && Math.abs(angle - picture.angle) * radius * k < seenTurn) return
  Object.assign(picture, { size, k, angle, shaded })
  const { ctx } = picture
  const half = Math.ceil((rockReach[size] ?? farthest) * k)
  if (ctx.canvas.width !== 2 * half) ctx.canvas.width = ctx.canvas.height = 2 * half
  ctx.setTransform(1, 0, 0, 1, 0, 0)
  ctx.clearRect(0, 0, 2 * half, 2 * half)
  const view = { ctx, k, left: half, top: half }
  bodies[size - 1]?.stamp(view, id % forms, 0, 0, angle)
  if (shaded) shade.stamp(view, 0, 0, 0, 0, radius / (rockRadii[3] as number))
}

function newPicture(): Picture {
  const canvas = document.createElement('canvas')
  const ctx = canvas.getContext('2d') as CanvasRenderingContext2D
  return { ctx, size: 0, k: 0, angle: 0, shaded: false, seen: 0 }
}
