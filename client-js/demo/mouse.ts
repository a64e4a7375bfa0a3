// Flying by mouse: the bow turns to the pointer, left fires, right thrusts.

import type { Heard, Wish } from './input.js'

const still = 24 // CSS pixels around the middle that name no direction
const left = 1 // bits of MouseEvent.buttons
const right = 2

/** Fills a wish from the mouse over the canvas. The own ship is near the middle of it. */
export function watchMouse(wish: Wish, canvas: HTMLCanvasElement, heard: Heard): void {
  const buttons = (event: PointerEvent) => {
    wish.fire = (event.buttons & left) !== 0
    wish.thrust = (event.buttons & right) !== 0
  }
  canvas.addEventListener('pointermove', (event) => {
    if (event.pointerType === 'touch') return
    const x = event.clientX - canvas.clientWidth / 2
    const y = event.clientY - canvas.clientHeight / 2
    if (Math.hypot(x, y) > still) wish.heading = Math.atan2(y, x)
    buttons(event)
  })
  canvas.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'touch') return
    canvas.focus()
    canvas.setPointerCapture(event.pointerId)
    buttons(event)
    heard(event.button === 0)
  })
  canvas.addEventListener('pointerup', buttons)
  canvas.addEventListener('pointercancel', buttons)
  canvas.addEventListener('contextmenu', (event) => event.preventDefault())
  addEventListener('blur', () => {
    wish.fire = wish.thrust = false
  })
}
