import type { Camera } from './camera.js'

const layers = [
  { depth: 0.25, cell: 120, size: 0.8, colour: '#4a5578' },
  { depth: 0.5, cell: 170, size: 1.2, colour: '#7f8cb8' },
  { depth: 0.8, cell: 260, size: 1.7, colour: '#cdd6f7' },
]

/** Dark space with three layers of stars that move slower the farther away they are. */
export function drawSky(ctx: CanvasRenderingContext2D, camera: Camera): void {
  ctx.fillStyle = '#070912'
  ctx.fillRect(0, 0, camera.width, camera.height)
  layers.forEach((layer, seed) => {
    ctx.fillStyle = layer.colour
    const left = camera.x * camera.scale * layer.depth - camera.width / 2
    const top = camera.y * camera.scale * layer.depth - camera.height / 2
    const [firstX, lastX] = [Math.floor(left / layer.cell), Math.floor((left + camera.width) / layer.cell)]
    const [firstY, lastY] = [Math.floor(top / layer.cell), Math.floor((top + camera.height) / layer.cell)]
    for (let cx = firstX; cx <= lastX; cx++) {
      for (let cy = firstY; cy <= lastY; cy++) {
        const h = scatter(cx, cy, seed)
        const x = (cx + (h & 1023) / 1024) * layer.cell - left
        const y = (cy + ((h >>> 10) & 1023) / 1024) * layer.cell - top
        const size = layer.size * (0.6 + ((h >>> 20) & 255) / 320)
        ctx.fillRect(x, y, size, size)
      }
    }
  })
}

/** A number that looks random and is the same for the same place. */
function scatter(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 0x85ebca6b) ^ Math.imul(y, 0xc2b2ae35) ^ Math.imul(seed + 1, 0x27d4eb2f)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  return (h ^ (h >>> 13)) >>> 0
}

/** The walls of the world and a faint grid inside. */
export function drawField(
  ctx: CanvasRenderingContext2D,
  camera: Camera,
  size: { width: number; height: number },
): void {
  const step = 500
  const halfWidth = camera.width / 2 / camera.scale
  const halfHeight = camera.height / 2 / camera.scale
  const [left, right] = [Math.max(0, camera.x - halfWidth), Math.min(size.width, camera.x + halfWidth)]
  const [top, bottom] = [Math.max(0, camera.y - halfHeight), Math.min(size.height, camera.y + halfHeight)]
  ctx.lineWidth = 1 / camera.scale
  ctx.strokeStyle = '#131a30'
  ctx.beginPath()
  for (let x = Math.ceil(left / step) * step; x <= right; x += step) {
    ctx.moveTo(x, top)
    ctx.lineTo(x, bottom)
  }
  for (let y = Math.ceil(top / step) * step; y <= bottom; y += step) {
    ctx.moveTo(left, y)
    ctx.lineTo(right, y)
  }
  ctx.stroke()
  ctx.lineWidth = 3 / camera.scale
  ctx.strokeStyle = '#3d5afe'
  ctx.strokeRect(0, 0, size.width, size.height)
}
