// Bullets: streaks of light along their way. The own ones leave from where the own ship
// is drawn, which is ahead of the time that others are drawn at, and fall back to that
// time while they fly: they start at the bow and hit what they are seen to hit.

import type { Bullet } from './arena.js'
import type { Camera } from './camera.js'
import type { Scene, Seen } from './scene.js'
import { degrees, hueKey, Sprites } from './sprites.js'

const reach = 30
const fadeMs = 260 // in which the lead of an own bullet falls to a third
const keptMs = 3000 // longer than any bullet flies

const streaks = new Sprites<number>(reach, paint)

interface Lead {
  readonly x: number
  readonly y: number
  readonly born: number
}

export class Bullets {
  private readonly leads = new Map<number, Lead>()

  draw(camera: Camera, scene: Scene, seat: number, now: number): void {
    camera.ctx.globalCompositeOperation = 'lighter'
    for (const bullet of scene.bullets) {
      const lead = bullet.seat === seat ? this.leadOf(bullet, scene, now) : undefined
      const left = lead ? Math.exp((lead.born - now) / fadeMs) : 0
      const x = bullet.x + (lead?.x ?? 0) * left
      const y = bullet.y + (lead?.y ?? 0) * left
      if (camera.sees(x, y, reach)) streaks.stamp(camera, hueKey(bullet.hue), x, y, directionOf(bullet))
    }
    camera.ctx.globalCompositeOperation = 'source-over'
    for (const [id, lead] of this.leads) if (now - lead.born > keptMs) this.leads.delete(id)
  }

  private leadOf({ id }: Seen<Bullet>, scene: Scene, now: number): Lead {
    let lead = this.leads.get(id)
    if (!lead) {
      lead = { x: scene.leadX, y: scene.leadY, born: now }
      this.leads.set(id, lead)
    }
    return lead
  }
}

/** Where a bullet flies: the newest snapshot has it farther along than what is drawn. */
function directionOf(bullet: Seen<Bullet>): number {
  const { entity } = bullet as Seen<Bullet> & { readonly entity: Seen<Bullet> }
  return Math.atan2(entity.y - bullet.y, entity.x - bullet.x)
}

function paint(ctx: CanvasRenderingContext2D, key: number): void {
  const hue = degrees(key)
  ctx.scale(1, 0.42)
  const halo = ctx.createRadialGradient(-4, 0, 0, -4, 0, 26)
  halo.addColorStop(0, `hsl(${hue} 100% 66% / 0.95)`)
  halo.addColorStop(0.35, `hsl(${hue} 100% 56% / 0.4)`)
  halo.addColorStop(1, `hsl(${hue} 100% 50% / 0)`)
  ctx.fillStyle = halo
  ctx.fillRect(-reach, -reach, reach * 2, reach * 2)
  ctx.beginPath()
  ctx.ellipse(2, 0, 9, 5, 0, 0, 7)
  ctx.fillStyle = `hsl(${hue} 100% 92%)`
  ctx.fill()
}
