import type { Room, RoomError } from '../src/index.js'
import type { Arena } from './arena.js'

const everyMs = 500

function element(id: string): HTMLElement {
  return document.getElementById(id) as HTMLElement
}

/** Keeps the status strip up to date. */
export function showStatus(room: Room<Arena>): void {
  let bytes = room.traffic.in
  let since = performance.now()
  const refresh = () => {
    const now = performance.now()
    element('state').textContent = room.connState
    element('state-dot').className = room.connState
    element('players').textContent = String(room.state.ships.size)
    element('tick').textContent = String(room.tick)
    element('rtt').textContent = room.clock.ready ? `${room.clock.rtt.toFixed(room.clock.rtt < 10 ? 1 : 0)} ms` : '–'
    if (now - since < everyMs) return
    element('rate').textContent = `${(((room.traffic.in - bytes) / (now - since)) * (1000 / 1024)).toFixed(1)} kB/s`
    bytes = room.traffic.in
    since = now
  }
  room.on('tick', refresh)
  room.on('state', (state) => {
    refresh()
    if (state === 'open') hideNotice()
    if (state === 'reconnecting') showNotice('Connection lost. Reconnecting, your ship is kept …')
  })
  room.on('error', (error) => {
    if (room.connState === 'closed') showError(error)
  })
  refresh()
}

/** Says why there is no room to show. */
export function showError(error: RoomError): void {
  element('state').textContent = 'closed'
  element('state-dot').className = 'closed'
  showNotice(`${error.message}. ${error.hint}`, true)
}

function showNotice(text: string, again = false): void {
  const notice = element('notice')
  notice.textContent = text
  notice.hidden = false
  if (!again) return
  const button = document.createElement('button')
  button.textContent = 'Join again'
  button.onclick = () => location.reload()
  notice.append(button)
}

function hideNotice(): void {
  element('notice').hidden = true
}
