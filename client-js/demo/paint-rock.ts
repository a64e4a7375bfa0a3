// How rocks look: irregular polygons, each of a form of its own by its id, with craters, and the
// light that falls on them.

import { rockRadii } from './rules.js'
import { noise, Sprites } from './sprites.js'

export const forms = 16
const rim = 1.22 // how far a form and its shade reach, in radii

const largest = Math.max(...rockRadii)
/** How far from its middle a rock can be seen, in units, by its size. */
export const rockReach = rockRadii.map((radius) => radius * rim)
/** The same for any rock. */
export const farthest = largest * rim

/** By size less one. */
export const bodies = [1, 2, 3].map(
  (size) => new Sprites<number>(rockReach[size] as number, (ctx, form) => paintBody(ctx, form * 4 + size, size)),
)
/** Of a large one. */
export const shade = new Sprites<number>(farthest, paintShade)

function paintBody(ctx: CanvasRenderingContext2D, seed: number, size: number): void {
  const r = rockRadii[size] as number
  const corners = 8 + size * 2
  const tint = 212 + noise(seed, 50) * 50
  const edge = Array.from({ length: corners }, (_, i) => corner(seed, i, corners, r, 0.86, 0.3))
  trace(ctx, edge)
  ctx.fillStyle = `hsl(${tint} 16% 40%)`
  ctx.fill()
  ctx.save()
  ctx.clip()
  for (let i = 0; i < size * 3; i++) paintPlain(ctx, seed + i * 31, r, tint)
  for (let i = 0; i < 2 + size * 2; i++) paintCrater(ctx, seed + i * 17, r, tint)
  ctx.restore()
  trace(ctx, edge)
  ctx.lineJoin = 'round'
  ctx.lineWidth = 2
  ctx.strokeStyle = `hsl(${tint} 34% 72%)`
  ctx.stroke()
}

/** A flat piece of another brightness somewhere on a body. */
function paintPlain(ctx: CanvasRenderingContext2D, seed: number, r: number, tint: number): void {
  const [x, y] = corner(seed, seed % 9, 9, r * 0.8, 0.2, 0.8)
  const form = Array.from({ length: 5 }, (_, i) => corner(seed + 5, i, 5, r * 0.62, 0.6, 0.6))
  trace(
    ctx,
    form.map(([dx, dy]) => [x + dx, y + dy]),
  )
  ctx.fillStyle = `hsl(${tint} 16% ${34 + noise(seed, 8) * 16}% / 0.6)`
  ctx.fill()
}

function paintCrater(ctx: CanvasRenderingContext2D, seed: number, r: number, tint: number): void {
  const [x, y] = corner(seed, seed % 7, 7, r * 0.74, 0.15, 0.85)
  const wide = r * (0.08 + 0.15 * noise(seed, 9))
  ctx.beginPath()
  ctx.arc(x, y, wide, 0, 7)
  ctx.fillStyle = `hsl(${tint} 20% 24% / 0.85)`
  ctx.fill()
  ctx.lineWidth = Math.max(0.8, wide * 0.16)
  ctx.strokeStyle = `hsl(${tint} 20% 56% / 0.8)`
  ctx.stroke()
}

/** Dark on the lower right, fading out where the form may end. */
function paintShade(ctx: CanvasRenderingContext2D): void {
  const light = ctx.createRadialGradient(-22, -24, 4, -14, -16, 96)
  light.addColorStop(0, 'rgb(220 230 255 / 0.22)')
  light.addColorStop(0.34, 'rgb(120 130 170 / 0)')
  light.addColorStop(0.9, 'rgb(5 6 16 / 0.86)')
  fill(ctx, light, farthest)
  ctx.globalCompositeOperation = 'destination-in'
  const edge = ctx.createRadialGradient(0, 0, 50, 0, 0, 70)
  edge.addColorStop(0, '#000')
  edge.addColorStop(1, 'transparent')
  fill(ctx, edge, farthest)
}

function fill(ctx: CanvasRenderingContext2D, style: CanvasGradient, reach: number): void {
  ctx.fillStyle = style
  ctx.fillRect(-reach, -reach, reach * 2, reach * 2)
}

function corner(seed: number, i: number, of: number, r: number, least: number, spread: number): [number, number] {
  const angle = ((i + (noise(seed, i + 20) - 0.5) * 0.6) / of) * 2 * Math.PI
  const reach = r * (least + spread * noise(seed, i))
  return [Math.cos(angle) * reach, Math.sin(angle) * reach]
}

function trace(ctx: CanvasRenderingContext2D, points: readonly (readonly [number, number])[]): void {
  ctx.beginPath()
  for (const [x, y] of points) ctx.lineTo(x, y)
  ctx.closePath()
}
