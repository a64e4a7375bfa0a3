/** What is drawn of a ship, in world units. */
export interface ShipPicture {
  readonly x: number
  readonly y: number
  readonly angle: number
  readonly thrust: boolean
  readonly name: string
  /** Degrees. */
  readonly hue: number
  readonly mine: boolean
}

const length = 26

/** Draws a ship, its flame and its name. flicker is 0 to 1. */
export function drawShip(ctx: CanvasRenderingContext2D, ship: ShipPicture, scale: number, flicker: number): void {
  ctx.save()
  ctx.translate(ship.x, ship.y)
  drawName(ctx, ship, scale)
  ctx.rotate(ship.angle)
  if (ship.thrust) drawFlame(ctx, flicker)
  ctx.beginPath()
  ctx.moveTo(length, 0)
  ctx.lineTo(-length * 0.7, length * 0.62)
  ctx.lineTo(-length * 0.4, 0)
  ctx.lineTo(-length * 0.7, -length * 0.62)
  ctx.closePath()
  ctx.fillStyle = `hsl(${ship.hue} 75% ${ship.mine ? 62 : 46}%)`
  ctx.fill()
  ctx.lineJoin = 'round'
  ctx.lineWidth = ship.mine ? 2.5 : 1.5
  ctx.strokeStyle = ship.mine ? '#ffffff' : `hsl(${ship.hue} 85% 74%)`
  ctx.stroke()
  ctx.restore()
}

function drawFlame(ctx: CanvasRenderingContext2D, flicker: number): void {
  const reach = length * (1.2 + 0.7 * flicker)
  const glow = ctx.createLinearGradient(-length * 0.45, 0, -reach - length * 0.4, 0)
  glow.addColorStop(0, '#fff3c4')
  glow.addColorStop(0.4, '#ff9d3c')
  glow.addColorStop(1, 'rgb(255 60 20 / 0)')
  ctx.fillStyle = glow
  ctx.beginPath()
  ctx.moveTo(-length * 0.45, length * 0.3)
  ctx.lineTo(-reach - length * 0.4, 0)
  ctx.lineTo(-length * 0.45, -length * 0.3)
  ctx.closePath()
  ctx.fill()
}

function drawName(ctx: CanvasRenderingContext2D, ship: ShipPicture, scale: number): void {
  if (!ship.name) return
  ctx.font = `${ship.mine ? 600 : 400} ${12 / scale}px system-ui, sans-serif`
  ctx.textAlign = 'center'
  ctx.fillStyle = ship.mine ? '#ffffff' : '#9aa7d4'
  ctx.fillText(ship.name, 0, -length - 10 / scale)
}
