// What is shown between the end of the own ship and the next one.

import type { Room } from '../src/index.js'
import type { Arena } from './arena.js'
import { element, setText } from './element.js'
import type { Scene } from './scene.js'

const everyMs = 100
const lateMs = 1000 // a page that was not drawn has not seen that the ship was gone

export function showRespawn(room: Room<Arena>, scene: Scene): void {
  const overlay = element('respawn')
  let due = 0
  let since = 0
  let gone = false // the ship that was destroyed is drawn a little longer than it lives
  room.events.on('downs', ({ by, ticks }) => {
    since = performance.now()
    gone = false
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
    gone ||= !scene.own
    if (scene.own && (gone || now > due + lateMs)) overlay.hidden = true
  }
  setInterval(() => {
    if (!overlay.hidden) count()
  }, everyMs)
}
