// Names and health above ships. Text is painted once for each name.

import type { Camera } from './camera.js'
import type { Ships } from './draw-ships.js'
import type { ShipPicture } from './scene.js'

const most = 300 // painted names; beyond it all are painted anew
const above = 31 // units from a ship's middle up to its name
const crowd = 80 // with more ships only those in the middle of the screen are named
const nearby = 0.8 // by the camera's measure
const barMs = 2500 // the health of a ship that is whole again shows that long after a hit
const barWidth = 34 // CSS pixels
const teams = ['#c9d3f7', '#ff9d9d', '#9dc4ff']

/** Draws the tags of all ships on the screen except the own ship's name. */
export class Tags {
  private readonly names = new Map<string, HTMLCanvasElement>()
  private ratio = 0

  draw(camera: Camera, ships: readonly Readonly<ShipPicture>[], mine: number, marks: Ships, now: number): void {
    const { ctx, ratio } = camera
    if (ratio !== this.ratio || this.names.size > most) {
      this.names.clear()
      this.ratio = ratio
    }
    ctx.setTransform(1, 0, 0, 1, 0, 0)
    for (const ship of ships) {
      if (!camera.sees(ship.x, ship.y, above + 20)) continue
      const named = ships.length <= crowd || camera.nearness(ship.x, ship.y) > nearby
      const x = Math.round(ship.x * camera.k + camera.left)
      const y = Math.round((ship.y - above) * camera.k + camera.top)
      if (ship.id !== mine && ship.name && named) this.drawName(ctx, ship, x, y)
      if (ship.hp < 100 || marks.wasHit(ship.id, now, barMs)) drawBar(ctx, ship.hp, x, y, ratio)
    }
  }

  private drawName(ctx: CanvasRenderingContext2D, { name, team }: Readonly<ShipPicture>, x: number, y: number): void {
    let text = this.names.get(name)
    if (!text) {
      text = paint(name, teams[team] ?? '#c9d3f7', this.ratio)
      this.names.set(name, text)
    }
    ctx.drawImage(text, x - (text.width >> 1), y - text.height - 2 * this.ratio)
  }
}

function drawBar(ctx: CanvasRenderingContext2D, hp: number, x: number, y: number, ratio: number): void {
  const width = barWidth * ratio
  const left = x - width / 2
  ctx.fillStyle = 'rgb(4 6 14 / 0.75)'
  ctx.fillRect(left - ratio, y - ratio, width + 2 * ratio, 5 * ratio)
  ctx.fillStyle = hp > 55 ? '#55e39a' : hp > 25 ? '#ffc14d' : '#ff5f6d'
  ctx.fillRect(left, y, (width * hp) / 100, 3 * ratio)
}

function paint(name: string, colour: string, ratio: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  const ctx = canvas.getContext('2d') as CanvasRenderingContext2D
  const font = `600 ${11.5 * ratio}px system-ui, sans-serif`
  ctx.font = font
  canvas.width = Math.ceil(ctx.measureText(name).width + 8 * ratio)
  canvas.height = Math.ceil(17 * ratio)
  ctx.font = font
  ctx.textAlign = 'center'
  ctx.textBaseline = 'middle'
  ctx.lineJoin = 'round'
  ctx.lineWidth = 3 * ratio
  ctx.strokeStyle = 'rgb(4 6 14 / 0.8)'
  ctx.strokeText(name, canvas.width / 2, canvas.height / 2)
  ctx.fillStyle = colour
  ctx.fillText(name, canvas.width / 2, canvas.height / 2)
  return canvas
}
