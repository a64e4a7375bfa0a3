// Pick-ups: a sign in a ring that breathes, so that it is seen from afar.

import type { Pickup } from './arena.js'
import type { Camera } from './camera.js'
import { PickupKind } from './rules.js'
import type { Seen } from './scene.js'
import { Sprites } from './sprites.js'

/** Colours by kind; the minimap and the words on the screen use them too. */
export const pickupColours = ['#fff', '#5cf0a0', '#ffb347', '#5ee1ff']
export const pickupNames = ['', 'Repaired', 'Rapid fire', 'Shield']

const reach = 34
const signs = new Sprites<number>(reach, paint)

export function drawPickups(camera: Camera, pickups: readonly Seen<Pickup>[], now: number): void {
  for (const { id, x, y, kind } of pickups) {
    if (camera.sees(x, y, reach)) signs.stamp(camera, kind, x, y, 0, 1 + 0.09 * Math.sin(now / 260 + id))
  }
}

function paint(ctx: CanvasRenderingContext2D, kind: number): void {
  const colour = pickupColours[kind] ?? '#fff'
  const light = ctx.createRadialGradient(0, 0, 6, 0, 0, reach)
  light.addColorStop(0, `${colour}66`)
  light.addColorStop(1, `${colour}00`)
  ctx.fillStyle = light
  ctx.fillRect(-reach, -reach, 2 * reach, 2 * reach)
  ctx.beginPath()
  ctx.arc(0, 0, 15, 0, 7)
  ctx.fillStyle = 'rgb(6 10 26 / 0.85)'
  ctx.fill()
  ctx.strokeStyle = ctx.fillStyle = colour
  ctx.lineWidth = 2
  ctx.stroke()
  ctx.lineJoin = ctx.lineCap = 'round'
  ctx.beginPath()
  if (kind === PickupKind.repair) {
    ctx.rect(-2, -7.5, 4, 15)
    ctx.rect(-7.5, -2, 15, 4)
  } else if (kind === PickupKind.rapid) {
    for (const x of [-6, 1]) {
      ctx.moveTo(x, -6)
      ctx.lineTo(x + 6, 0)
      ctx.lineTo(x, 6)
      ctx.closePath()
    }
  } else {
    ctx.moveTo(0, -8)
    ctx.lineTo(7, -5)
    ctx.quadraticCurveTo(7, 5, 0, 8.5)
    ctx.quadraticCurveTo(-7, 5, -7, -5)
    ctx.closePath()
  }
  ctx.fill()
}
