// Ships: flame, hull, what protects them, and what happened to them a moment ago.

import type { Camera } from './camera.js'
import { Power } from './rules.js'
import type { ShipPicture } from './scene.js'
import { degrees, Glow, glows, hueKey, hues, Sprites } from './sprites.js'

const reach = 46 // of a ship with its shield and its flame, in units
const flashMs = 110 // a ship that was hit is white that long
const own = 2 * hues // added to the key of the own ship's hull
const white = -1 // key of a hull that was just hit

/** What a page remembers of a ship between two frames. */
interface Mark {
  hp: number
  hitAt: number
  seen: number
}

const hulls = new Sprites<number>(24, paintHull)
const flames = new Sprites<number>(17, paintFlame)
const rings = new Sprites<'safe' | 'shield'>(34, paintRing)

export class Ships {
  private readonly marks = new Map<number, Mark>()

  /** Draws every ship on the screen. Returns how much the own one was hurt since the last frame. */
  draw(camera: Camera, ships: readonly Readonly<ShipPicture>[], mine: number, now: number): number {
    const { ctx } = camera
    ctx.globalCompositeOperation = 'lighter'
    for (const ship of ships) if (camera.sees(ship.x, ship.y, reach)) drawGlow(camera, ship, now)
    ctx.globalCompositeOperation = 'source-over'
    let hurt = 0
    for (const ship of ships) {
      const mark = this.mark(ship, now)
      if (ship.id === mine) hurt = Math.max(0, mark.hp - ship.hp)
      if (ship.hp < mark.hp) mark.hitAt = now
      mark.hp = ship.hp
      if (!camera.sees(ship.x, ship.y, reach)) continue
      const flash = now - mark.hitAt < flashMs
      hulls.stamp(camera, flash ? white : hueKey(ship.hue) + (ship.id === mine ? own : 0), ship.x, ship.y, ship.angle)
      if (ship.safe) rings.stamp(camera, 'safe', ship.x, ship.y, now / 900, 1 + 0.05 * Math.sin(now / 130))
      if (ship.power === Power.shield) rings.stamp(camera, 'shield', ship.x, ship.y, -now / 700)
    }
    if (this.marks.size > 2 * ships.length + 16) this.forget(now)
    return hurt
  }

  /** Whether a ship was hit not long ago. */
  wasHit(id: number, now: number, ms: number): boolean {
    const mark = this.marks.get(id)
    return mark !== undefined && now - mark.hitAt < ms
  }

  private mark(ship: Readonly<ShipPicture>, now: number): Mark {
    let mark = this.marks.get(ship.id)
    if (!mark) {
      mark = { hp: ship.hp, hitAt: Number.NEGATIVE_INFINITY, seen: now }
      this.marks.set(ship.id, mark)
    }
    mark.seen = now
    return mark
  }

  private forget(now: number): void {
    for (const [id, mark] of this.marks) if (mark.seen < now) this.marks.delete(id)
  }
}

/** The light around a ship and, while its engine burns, the flame. */
function drawGlow(camera: Camera, ship: Readonly<ShipPicture>, now: number): void {
  const { ctx } = camera
  if (camera.rich) {
    ctx.globalAlpha = 0.3
    glows.stamp(camera, hueKey(ship.hue), ship.x, ship.y, 0, 1.15)
    ctx.globalAlpha = 1
  }
  if (ship.power === Power.rapid) glows.stamp(camera, Glow.fire, ship.x, ship.y, 0, 0.75 + 0.1 * Math.sin(now / 60))
  if (ship.thrust) {
    const flicker = 0.82 + 0.28 * Math.sin(now / 19 + ship.id * 2.4) * Math.sin(now / 31 + ship.id)
    const behind = 11 + 15.5 * flicker
    const x = ship.x - Math.cos(ship.angle) * behind
    const y = ship.y - Math.sin(ship.angle) * behind
    flames.stamp(camera, hueKey(ship.hue), x, y, ship.angle, flicker)
  }
}

function paintHull(ctx: CanvasRenderingContext2D, key: number): void {
  const mine = key >= own
  const hue = degrees(key % hues)
  const hit = key === white
  ctx.lineJoin = 'round'
  // Wings below, then the body with a lit and a dark side, then the canopy.
  shape(ctx, [-3, -6, -15, -14, -17, -9, -11, -4, -11, 4, -17, 9, -15, 14, -3, 6])
  ctx.fillStyle = hit ? '#fff' : `hsl(${hue} 55% ${mine ? 44 : 30}%)`
  ctx.fill()
  ctx.lineWidth = 1.2
  ctx.strokeStyle = hit ? '#fff' : `hsl(${hue} 80% ${mine ? 78 : 58}%)`
  ctx.stroke()
  const body = ctx.createLinearGradient(0, -8, 0, 8)
  body.addColorStop(0, hit ? '#fff' : `hsl(${hue} 85% ${mine ? 82 : 68}%)`)
  body.addColorStop(0.5, hit ? '#fff' : `hsl(${hue} 75% ${mine ? 66 : 52}%)`)
  body.addColorStop(1, hit ? '#fff' : `hsl(${hue} 65% ${mine ? 46 : 32}%)`)
  shape(ctx, [20, 0, 4, -6.5, -9, -7, -13, -3, -13, 3, -9, 7, 4, 6.5])
  ctx.fillStyle = body
  ctx.fill()
  ctx.lineWidth = mine ? 1.6 : 1.1
  ctx.strokeStyle = mine || hit ? '#fff' : `hsl(${hue} 95% 82%)`
  ctx.stroke()
  ctx.beginPath()
  ctx.ellipse(3.5, 0, 6, 2.6, 0, 0, 7)
  ctx.fillStyle = hit ? '#fff' : '#0b1230'
  ctx.fill()
  ctx.beginPath()
  ctx.ellipse(5, -0.8, 3, 0.9, 0, 0, 7)
  ctx.fillStyle = 'rgb(200 230 255 / 0.85)'
  ctx.fill()
}

/** Two jets, from the right to the left of the origin. */
function paintFlame(ctx: CanvasRenderingContext2D, key: number): void {
  for (const y of [-4, 4]) {
    const light = ctx.createLinearGradient(15.5, 0, -15.5, 0)
    light.addColorStop(0, 'rgb(255 255 255 / 0.95)')
    light.addColorStop(0.25, `hsl(${degrees(key)} 100% 78% / 0.85)`)
    light.addColorStop(1, `hsl(${degrees(key)} 100% 50% / 0)`)
    ctx.fillStyle = light
    ctx.beginPath()
    ctx.moveTo(15.5, y - 3.4)
    ctx.quadraticCurveTo(2.5, y - 3, -15.5, y * 0.6)
    ctx.quadraticCurveTo(2.5, y + 3, 15.5, y + 3.4)
    ctx.fill()
  }
}

function paintRing(ctx: CanvasRenderingContext2D, kind: 'safe' | 'shield'): void {
  if (kind === 'safe') {
    ctx.strokeStyle = 'rgb(190 225 255 / 0.8)'
    ctx.lineWidth = 1.6
    ctx.setLineDash([9, 7.2])
    ctx.beginPath()
    ctx.arc(0, 0, 27, 0, 7)
    ctx.stroke()
    return
  }
  const light = ctx.createRadialGradient(0, 0, 16, 0, 0, 27)
  light.addColorStop(0, 'rgb(80 220 255 / 0)')
  light.addColorStop(0.8, 'rgb(80 220 255 / 0.26)')
  light.addColorStop(1, 'rgb(160 240 255 / 0.75)')
  ctx.fillStyle = light
  ctx.beginPath()
  for (let i = 0; i < 6; i++) ctx.lineTo(28 * Math.cos((i * Math.PI) / 3), 28 * Math.sin((i * Math.PI) / 3))
  ctx.closePath()
  ctx.fill()
  ctx.strokeStyle = 'rgb(180 244 255 / 0.9)'
  ctx.lineWidth = 1.4
  ctx.stroke()
}

/** A closed path through points given as x, y, x, y. */
function shape(ctx: CanvasRenderingContext2D, points: readonly number[]): void {
  ctx.beginPath()
  for (let i = 0; i < points.length; i += 2) ctx.lineTo(points[i] as number, points[i + 1] as number)
  ctx.closePath()
}
