// Flying by touch: the left thumb names a direction, the right one fires and thrusts.

import { element } from './element.js'
import type { Heard, Wish } from './input.js'

const reach = 46 // CSS pixels from the stick's middle to its end
const still = 10 // pixels around it that name no direction

/** Shows the stick, the buttons and their help on a touch screen, or once a finger has touched the page. */
export function expectThumbs(): void {
  const show = () => document.body.classList.add('touch')
  if (matchMedia('(pointer: coarse)').matches) show()
  addEventListener('touchstart', show, { once: true, passive: true })
}

/** Fills a wish from the stick and the buttons. */
export function watchThumbs(wish: Wish, heard: Heard): void {
  watchStick(wish)
  watchButton(element('fire'), (down) => {
    wish.fire = down
    if (down) heard(true)
  })
  watchButton(element('thrust'), (down) => {
    wish.thrust = down
  })
}

function watchStick(wish: Wish): void {
  const area = element('stick-area')
  const stick = element('stick')
  const knob = element('knob')
  let finger: number | undefined
  let from = { x: 0, y: 0 }
  const move = (event: PointerEvent) => {
    if (event.pointerId !== finger) return
    const dx = event.clientX - from.x
    const dy = event.clientY - from.y
    const way = Math.hypot(dx, dy)
    if (way > still) wish.heading = Math.atan2(dy, dx)
    const share = Math.min(1, reach / (way || 1))
    knob.style.transform = `translate(${dx * share}px, ${dy * share}px)`
  }
  const end = (event: PointerEvent) => {
    if (event.pointerId !== finger) return
    finger = undefined
    wish.heading = undefined
    stick.style.transform = knob.style.transform = ''
  }
  area.addEventListener('pointerdown', (event) => {
    if (finger !== undefined) return
    finger = event.pointerId
    area.setPointerCapture(finger)
    // The stick comes to the thumb.
    const box = stick.getBoundingClientRect()
    from = { x: event.clientX, y: event.clientY }
    stick.style.transform = `translate(${from.x - box.x - box.width / 2}px, ${from.y - box.y - box.height / 2}px)`
  })
  area.addEventListener('pointermove', move)
  for (const over of ['pointerup', 'pointercancel'] as const) area.addEventListener(over, end)
}

function watchButton(button: HTMLElement, tell: (down: boolean) => void): void {
  button.addEventListener('pointerdown', (event) => {
    event.preventDefault() // the focus stays where it is
    button.setPointerCapture(event.pointerId)
    button.classList.add('down')
    tell(true)
  })
  for (const over of ['pointerup', 'pointercancel', 'lostpointercapture'] as const) {
    button.addEventListener(over, () => {
      button.classList.remove('down')
      tell(false)
    })
  }
}
