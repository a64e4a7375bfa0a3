// Pictures that are painted once and stamped many times: a stamp costs a copy, a path
// or a gradient costs far more.

import type { Camera } from './camera.js'

const tolerance = 1.12 // how much larger or smaller than painted a sprite may be stamped
const most = 400 // sprites of one kind; beyond it all are painted anew

/** What is painted on, and where the world's origin and units are there. */
type View = Pick<Camera, 'ctx' | 'k' | 'left' | 'top'>

/** The pictures of one kind of thing, by a key that says which variant. */
export class Sprites<K> {
  private readonly made = new Map<K, HTMLCanvasElement>()
  private madeFor = 0

  /**
   * reach is how far a picture extends from its middle, in units; paint draws a variant
   * in units around the origin.
   */
  constructor(
    private readonly reach: number,
    private readonly paint: (ctx: CanvasRenderingContext2D, key: K) => void,
  ) {}

  /** Draws a variant at a point of the world, turned by an angle and size times as large. */
  stamp(camera: View, key: K, x: number, y: number, angle = 0, size = 1): void {
    const sprite = this.get(camera, key)
    const f = (camera.k / this.madeFor) * size
    const c = angle === 0 ? f : Math.cos(angle) * f
    const s = angle === 0 ? 0 : Math.sin(angle) * f
    camera.ctx.setTransform(c, s, -s, c, x * camera.k + camera.left, y * camera.k + camera.top)
    camera.ctx.drawImage(sprite, -sprite.width / 2, -sprite.height / 2)
  }

  private get(camera: View, key: K): HTMLCanvasElement {
    const off = camera.k / this.madeFor
    if (off > tolerance || off < 1 / tolerance || this.made.size > most) {
      this.made.clear()
      this.madeFor = camera.k
    }
    let sprite = this.made.get(key)
    if (!sprite) {
      sprite = this.make(key)
      this.made.set(key, sprite)
    }
    return sprite
  }

  private make(key: K): HTMLCanvasElement {
    const k = this.madeFor
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = Math.max(2, Math.ceil(this.reach * k) * 2)
    const ctx = canvas.getContext('2d') as CanvasRenderingContext2D
    ctx.setTransform(k, 0, 0, k, canvas.width / 2, canvas.height / 2)
    this.paint(ctx, key)
    return canvas
  }
}

/** Variants of a hue that are told apart; 256 would be painted for nothing. */
export const hues = 32

/** The variant of a hue of 0 to 255. */
export function hueKey(hue: number): number {
  return ((hue * hues) >> 8) % hues
}

/** The degrees of a variant of hue. */
export function degrees(key: number): number {
  return (key * 360) / hues
}

/** Keys of glows beside the hues. */
export const Glow = { white: hues, fire: hues + 1, grey: hues + 2 } as const

const glowReach = 32

/** Soft round lights by hueKey or Glow, 32 units in radius; to be added to what is there. */
export const glows = new Sprites<number>(glowReach, (ctx, key) => {
  const light = ctx.createRadialGradient(0, 0, 0, 0, 0, glowReach)
  for (const [at, colour] of glowStops(key)) light.addColorStop(at, colour)
  ctx.fillStyle = light
  ctx.fillRect(-glowReach, -glowReach, glowReach * 2, glowReach * 2)
})

function glowStops(key: number): [number, string][] {
  switch (key) {
    case Glow.white:
      return stops('rgb(255 255 255', 'rgb(190 215 255')
    case Glow.fire:
      return stops('rgb(255 236 180', 'rgb(255 120 40')
    case Glow.grey:
      return stops('rgb(170 175 190', 'rgb(110 116 135')
    default:
      return stops(`hsl(${degrees(key)} 100% 84%`, `hsl(${degrees(key)} 95% 56%`)
  }
}

function stops(core: string, rim: string): [number, string][] {
  return [
    [0, `${core} / 1)`],
    [0.16, `${core} / 0.75)`],
    [0.4, `${rim} / 0.3)`],
    [1, `${rim} / 0)`],
  ]
}

/** A number that looks random and is the same for the same seed, 0 to 1. */
export function noise(seed: number, n: number): number {
  let h = Math.imul(seed + 1, 0x85ebca6b) ^ Math.imul(n + 1, 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  h = Math.imul(h ^ (h >>> 13), 0x297a2d39)
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32
}
