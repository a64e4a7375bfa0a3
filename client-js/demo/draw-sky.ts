// Dark space: far stars and mist painted once, near stars that move faster.

import type { Camera } from './camera.js'
import { noise } from './sprites.js'

const farDepth = 0.045 // share of the camera's motion that the painted sky makes
const margin = 220 // CSS pixels of painted sky around the screen
const farStars = 420
const mists: readonly [x: number, y: number, r: number, colour: string][] = [
  [0.2, 0.3, 0.55, '64 58 160'],
  [0.75, 0.22, 0.5, '20 92 130'],
  [0.6, 0.8, 0.6, '110 36 110'],
  [0.1, 0.9, 0.45, '14 80 100'],
]
const layers = [
  { depth: 0.22, cell: 190, size: 1.3, colour: '#7e8bbd' },
  { depth: 0.45, cell: 260, size: 1.8, colour: '#b9c5f2' },
]

/** Paints the sky over the whole canvas. */
export class Sky {
  private readonly far = document.createElement('canvas')

  draw(camera: Camera): void {
    const { ctx, width, height, ratio } = camera
    const edge = margin * ratio
    if (this.far.width !== width + 2 * edge || this.far.height !== height + 2 * edge) this.paint(camera, edge)
    const sway = (at: number) => Math.max(-edge, Math.min(edge, (2000 - at) * camera.k * farDepth)) - edge
    ctx.setTransform(1, 0, 0, 1, 0, 0)
    ctx.globalCompositeOperation = 'copy'
    ctx.drawImage(this.far, Math.round(sway(camera.x)), Math.round(sway(camera.y)))
    ctx.globalCompositeOperation = 'source-over'
    for (let i = 0; i < layers.length; i++) drawLayer(camera, i)
  }

  private paint({ width, height, ratio }: Camera, edge: number): void {
    const { far } = this
    far.width = width + 2 * edge
    far.height = height + 2 * edge
    const ctx = far.getContext('2d', { alpha: false }) as CanvasRenderingContext2D
    ctx.fillStyle = '#05060f'
    ctx.fillRect(0, 0, far.width, far.height)
    const long = Math.max(far.width, far.height)
    for (const [x, y, r, colour] of mists) {
      const light = ctx.createRadialGradient(x * far.width, y * far.height, 0, x * far.width, y * far.height, r * long)
      light.addColorStop(0, `rgb(${colour} / 0.30)`)
      light.addColorStop(0.5, `rgb(${colour} / 0.10)`)
      light.addColorStop(1, `rgb(${colour} / 0)`)
      ctx.fillStyle = light
      ctx.fillRect(0, 0, far.width, far.height)
    }
    for (let i = 0; i < farStars; i++) {
      const bright = noise(i, 3) ** 3
      ctx.fillStyle = `hsl(${200 + noise(i, 4) * 60} 60% ${62 + bright * 34}% / ${0.25 + bright * 0.75})`
      ctx.beginPath()
      ctx.arc(noise(i, 1) * far.width, noise(i, 2) * far.height, (0.45 + bright * 0.9) * ratio, 0, 7)
      ctx.fill()
    }
  }
}

/** Stars of one depth: one in each cell of a grid that has no end. */
function drawLayer({ ctx, x, y, k, width, height, ratio }: Camera, seed: number): void {
  const layer = layers[seed] as (typeof layers)[number]
  const cell = layer.cell * ratio
  ctx.fillStyle = layer.colour
  const left = x * k * layer.depth - width / 2
  const top = y * k * layer.depth - height / 2
  const lastX = Math.floor((left + width) / cell)
  const lastY = Math.floor((top + height) / cell)
  for (let cx = Math.floor(left / cell); cx <= lastX; cx++) {
    for (let cy = Math.floor(top / cell); cy <= lastY; cy++) {
      const at = cx * 7919 + cy * 104729
      const size = layer.size * ratio * (0.5 + noise(at, seed + 12) * 0.7)
      ctx.fillRect((cx + noise(at, seed)) * cell - left, (cy + noise(at, seed + 6)) * cell - top, size, size)
    }
  }
}
