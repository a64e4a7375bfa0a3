// Flying by keys: arrows or WASD, space fires.

import { takesKeys } from './element.js'
import type { Heard, Wish } from './input.js'

const actions: Readonly<Record<string, 'left' | 'right' | 'thrust' | 'fire'>> = {
  ArrowLeft: 'left',
  KeyA: 'left',
  ArrowRight: 'right',
  KeyD: 'right',
  ArrowUp: 'thrust',
  KeyW: 'thrust',
  Space: 'fire',
}

/** Fills a wish from keys. Keys still down when the page loses the focus are let go. */
export function watchKeys(wish: Wish, heard: Heard, turned: () => void): void {
  const down = new Set<string>()
  const held = (action: string) => [...down].some((code) => actions[code] === action)
  const tell = () => {
    wish.turn = Number(held('right')) - Number(held('left'))
    wish.thrust = held('thrust')
    wish.fire = held('fire')
    if (wish.turn !== 0) turned()
  }
  addEventListener('keydown', (event) => {
    const action = actions[event.code]
    if (!action || event.ctrlKey || event.metaKey || event.altKey || takesKeys(event.target)) return
    event.preventDefault()
    if (event.repeat) return
    down.add(event.code)
    tell()
    heard(action === 'fire')
  })
  addEventListener('keyup', (event) => {
    if (down.delete(event.code)) tell()
  })
  const letGo = () => {
    down.clear()
    tell()
  }
  addEventListener('blur', letGo)
  document.addEventListener('focusin', (event) => {
    if (takesKeys(event.target)) letGo()
  })
}
