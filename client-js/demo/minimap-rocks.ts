// The rocks on the minimap. They drift slowly and may be thousands: a few are painted at each
// picture, onto a canvas that is shown once all of them are on it.

import type { Rock } from './arena.js'
import { radiusOf } from './draw-rocks.js'

const atOnce = 120 // rocks painted in a picture
const restMs = 300 // between two paintings
const margin = 16 // device pixels around the map: the view moves on while they are painted
const roundFrom = 1.2 // device pixels of radius: nobody sees the corners of less

/** A painting of rocks, and where on the map it belongs. */
interface Sheet {
  readonly ctx: CanvasRenderingContext2D
  /** What is added to a point of the world, in units, before it is scaled. */
  left: number
  top: number
}

export class MinimapRocks {
  private shown = newSheet()
  private next = newSheet()
  private rocks: Iterator<Rock> | undefined
  private restUntil = 0

  /** Paints on. left and top move the world's origin to the map's corner; k is pixels a unit. */
  paint(all: () => Iterable<Rock>, side: number, k: number, left: number, top: number, now: number): void {
    if (!this.rocks) {
      if (now < this.restUntil) return
      this.rocks = all()[Symbol.iterator]()
      this.begin(side, k, left, top)
    }
    const { ctx } = this.next
    for (let i = 0; i < atOnce; i++) {
      const { value: rock, done } = this.rocks.next()
      if (done) return this.show(now)
      const r = Math.max(radiusOf(rock) * k, 1)
      if (r < roundFrom) ctx.fillRect(rock.x * k - r, rock.y * k - r, 2 * r, 2 * r)
      else dot(ctx, rock.x * k, rock.y * k, r)
    }
  }

  /** Puts the last whole painting onto a map whose origin may have moved since. */
  stamp(ctx: CanvasRenderingContext2D, k: number, left: number, top: number): void {
    const { canvas } = this.shown.ctx
    ctx.drawImage(canvas, (left - this.shown.left) * k - margin, (top - this.shown.top) * k - margin)
  }

  private begin(side: number, k: number, left: number, top: number): void {
    const { ctx } = this.next
    const wide = side + 2 * margin
    if (ctx.canvas.width !== wide) ctx.canvas.width = ctx.canvas.height = wide
    ctx.setTransform(1, 0, 0, 1, 0, 0)
    ctx.clearRect(0, 0, wide, wide)
    ctx.setTransform(1, 0, 0, 1, left * k + margin, top * k + margin)
    ctx.fillStyle = '#616b8f'
    this.next.left = left
    this.next.top = top
  }

  private show(now: number): void {
    ;[this.shown, this.next] = [this.next, this.shown]
    this.rocks = undefined
    this.restUntil = now + restMs
  }
}

export function dot(ctx: CanvasRenderingContext2D, x: number, y: number, r: number): void {
  ctx.beginPath()
  ctx.arc(x, y, r, 0, 7)
  ctx.fill()
}

function newSheet(): Sheet {
  const canvas = document.createElement('canvas')
  return { ctx: canvas.getContext('2d') as CanvasRenderingContext2D, left: 0, top: 0 }
}
