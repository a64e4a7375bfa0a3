// What is shown between the end of the own ship and the next one.

import type { Room } from '../src/index.js'
import type { Arena } from './arena.js'
import { element, setText } from './element.js'
import type { Scene } from './scene.js'

const everyMs = 100
const settleMs = 250 // a ship that was destroyed is still drawn that long

export function showRespawn(room: Room<Arena>, scene: Scene): void {
  const overlay = element('respawn')
  let due = 0
  let since = 0
  room.events.on('downs', ({ by, ticks }) => {
    since = performance.now()
    due = since + (ticks * 1000) / room.tickRate
    setText(element('killer'), by ? `Destroyed by ${by}` : 'Wrecked by a rock')
    overlay.hidden = false
    count()
  })
  const count = () => {
    const now = performance.now()
    const left = Math.max(0, Math.ceil((due - now) / 1000))
    setText(element('countdown'), left > 0 ? String(left) : 'Go')
    element('countdown-ring').style.setProperty('--left', String(Math.max(0, (due - now) / (due - since))))
    if (scene.own && now - since > settleMs) overlay.hidden = true
  }
  setInterval(() => {
    if (!overlay.hidden) count()
  }, everyMs)
}
