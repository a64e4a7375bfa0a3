// The demo page: joins the arena and draws it. ?name= sets the player's name.

import { join, type Room, RoomError } from '../src/index.js'
import { Interpolator } from '../src/interpolate.js'
import type { Arena } from './arena.js'
import { type Camera, fit, follow, inWorld } from './camera.js'
import { watchKeys } from './keys.js'
import { drawShip } from './ship.js'
import { drawField, drawSky } from './sky.js'
import { showError, showStatus } from './strip.js'

declare global {
  interface Window {
    /** For tests and for a look from the console. */
    room?: Room<Arena>
  }
}

interface Flash {
  readonly x: number
  readonly y: number
  readonly angle: number
  readonly at: number
}

const flashMs = 220
const flashLength = 260

const names = ['Ada', 'Grace', 'Linus', 'Barbara', 'Edsger', 'Radia', 'Ken', 'Hedy', 'Alan', 'Margaret']

function playerName(): string {
  const asked = new URLSearchParams(location.search).get('name')
  return asked ?? (names[Math.floor(Math.random() * names.length)] as string)
}

async function main(): Promise<void> {
  const room = await join<Arena>('arena', { name: playerName() })
  window.room = room
  showStatus(room)
  watchKeys((values) => room.input(values))
  draw(room)
}

function draw(room: Room<Arena>): void {
  const canvas = document.getElementById('field') as HTMLCanvasElement
  const smooth = new Interpolator(room)
  const size = worldSize(room)
  const camera: Camera = { x: size.width / 2, y: size.height / 2, scale: 1, width: 1, height: 1 }
  let flashes: Flash[] = []
  room.events.on('shots', (shot) => flashes.push({ ...shot, at: performance.now() }))
  let last = performance.now()
  const frame = (now: number) => {
    const ctx = fit(canvas, camera)
    smooth.begin()
    const ships = pictures(room, smooth)
    const own = ships.find((s) => s.mine)
    if (own) follow(camera, own.x, own.y, (now - last) / 1000)
    last = now
    drawSky(ctx, camera)
    flashes = flashes.filter((f) => now - f.at < flashMs)
    inWorld(ctx, camera, () => {
      drawField(ctx, camera, size)
      for (const flash of flashes) drawFlash(ctx, flash, now)
      ships.forEach((ship, i) => {
        drawShip(ctx, ship, camera.scale, 0.5 + 0.5 * Math.sin(now / 23 + i * 2))
      })
    })
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
}

function pictures(room: Room<Arena>, smooth: Interpolator<Arena>) {
  const { ships } = room.state
  return Array.from(ships, (ship) => ({
    x: smooth.value(ships, ship, 'x'),
    y: smooth.value(ships, ship, 'y'),
    angle: smooth.value(ships, ship, 'angle'),
    thrust: ship.thrust,
    name: ship.name,
    hue: (ship.hue * 360) / 256,
    mine: ship.mine,
  }))
}

function drawFlash(ctx: CanvasRenderingContext2D, { x, y, angle, at }: Flash, now: number): void {
  const gone = (now - at) / flashMs
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  ctx.strokeStyle = `rgb(190 235 255 / ${Math.max(0, 1 - gone)})`
  ctx.lineWidth = 2.5
  ctx.beginPath()
  ctx.moveTo(x + cos * (34 + gone * flashLength), y + sin * (34 + gone * flashLength))
  ctx.lineTo(x + cos * (90 + gone * flashLength), y + sin * (90 + gone * flashLength))
  ctx.stroke()
}

/** The world is as large as the server says the ships' positions can be. */
function worldSize(room: Room<Arena>): { width: number; height: number } {
  const max = (name: string) => room.state.ships.fields.find((f) => f.name === name)?.max ?? 0
  return { width: max('x'), height: max('y') }
}

main().catch((error: unknown) => {
  showError(error instanceof RoomError ? error : new RoomError('failed', String(error)))
})
