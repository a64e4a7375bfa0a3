// The floor of the arena: a faint grid, and the walls that ships bounce off.

import type { Camera } from './camera.js'

const step = 250

export interface Size {
  readonly width: number
  readonly height: number
}

export function drawField(camera: Camera, size: Size): void {
  const { ctx, k, left, top, ratio } = camera
  ctx.setTransform(1, 0, 0, 1, 0, 0)
  const x0 = Math.max(left, 0)
  const y0 = Math.max(top, 0)
  const x1 = Math.min(size.width * k + left, camera.width)
  const y1 = Math.min(size.height * k + top, camera.height)
  ctx.fillStyle = 'rgb(120 145 255 / 0.11)'
  const line = ratio
  for (let x = step; x < size.width; x += step) {
    const at = x * k + left
    if (at > x0 && at < x1) ctx.fillRect(at, y0, line, y1 - y0)
  }
  for (let y = step; y < size.height; y += step) {
    const at = y * k + top
    if (at > y0 && at < y1) ctx.fillRect(x0, at, x1 - x0, line)
  }
  drawWalls(camera, size)
}

/** The walls glow by three strokes, the widest the faintest. */
function drawWalls({ ctx, k, left, top, ratio }: Camera, size: Size): void {
  for (let i = 3; i > 0; i--) {
    ctx.lineWidth = (i * i * 1.6 - 0.6) * ratio
    ctx.strokeStyle = i === 1 ? '#8ea2ff' : `rgb(84 110 255 / ${0.34 / i})`
    ctx.strokeRect(left, top, size.width * k, size.height * k)
  }
}
