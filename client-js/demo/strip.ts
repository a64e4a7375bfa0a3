// The strip of figures: what the line to the server is doing, and how well the page draws.

import type { Room } from '../src/index.js'
import type { Arena } from './arena.js'
import { element, setText } from './element.js'
import type { FrameMeter } from './frame-meter.js'
import type { Sounds } from './sound.js'

const everyMs = 500
const awayMs = 4000 // longer than a player is without a ship
const words = {
  connecting: 'connecting',
  open: 'online',
  reconnecting: 'reconnecting',
  restarting: 'restarting',
  closed: 'closed',
} as const

/** Keeps the strip up to date. */
export function showStrip(room: Room<Arena>, meter: FrameMeter): void {
  const players = playerCount(room)
  let bytes = room.traffic.in
  let since = performance.now()
  const refresh = () => {
    const now = performance.now()
    const { clock, traffic, connState } = room
    setText(element('state'), words[connState])
    element('state-dot').className = connState
    setText(element('players'), String(players(now)))
    setText(element('tick'), String(room.tick))
    setText(element('rtt'), clock.ready ? `${clock.rtt.toFixed(clock.rtt < 10 ? 1 : 0)} ms` : '–')
    setText(element('fps'), String(Math.round(meter.fps)))
    if (now - since < everyMs / 2) return
    setText(element('rate'), `${((traffic.in - bytes) / (now - since) / 1.024).toFixed(1)} kB/s`)
    bytes = traffic.in
    since = now
  }
  setInterval(refresh, everyMs)
  room.on('state', refresh)
  refresh()
}

/** Counts seats by their ships; a player whose ship was destroyed counts on until the next. */
function playerCount(room: Room<Arena>): (now: number) => number {
  const seen = new Map<number, number>()
  return (now) => {
    for (const { seat } of room.state.ships) seen.set(seat, now)
    for (const [seat, at] of seen) if (now - at > awayMs) seen.delete(seat)
    return seen.size
  }
}

/** Lets the sound button and the M key mute. */
export function watchMute(sounds: Sounds): void {
  const button = element<HTMLButtonElement>('mute')
  const show = () => {
    button.setAttribute('aria-pressed', String(!sounds.muted))
    setText(button, sounds.muted ? 'Sound off' : 'Sound on')
  }
  const toggle = () => {
    sounds.toggle()
    show()
  }
  button.addEventListener('click', toggle)
  addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLInputElement
    if (event.code === 'KeyM' && !typing && !event.repeat && !event.ctrlKey && !event.metaKey && !event.altKey) toggle()
  })
  show()
}
