// Which room a player comes to, as the address of the page says it: anybody's, ?queue=duel
// one against one, ?code= a new private room, ?code=7KX0QM that of a friend, ?watch= the
// fullest, to look on without a seat. A reload goes the same way.

import { join, type Room } from '../src/index.js'
import type { QueueOptions, Ticket } from '../src/match/index.js'
import type { Arena } from './arena.js'
import { element, setText } from './element.js'
import { goHome } from './home.js'

/** Joins the room that the address asks for. */
export async function joinRoom(name: string): Promise<Room<Arena>> {
  const asked = new URLSearchParams(location.search)
  const [queue, code] = [asked.get('queue'), asked.get('code')]
  const watch = asked.get('watch')
  if (watch !== null) return join<Arena>('arena', { name, spectate: true, ...(watch && { match: { room: watch } }) })
  if (queue === null && code === null) return join<Arena>('arena', { name })
  const match = await import('../src/match/index.js')
  if (queue !== null) return waitFor((more) => match.queue<Arena>('arena', queue, { name, ...more }))
  const room = await match.join<Arena>('arena', code ? { name, code } : { name, create: true, private: true })
  showCode(room.code ?? '')
  return room
}

/** Shows how the wait goes until the match is there. Who cancels is back where they came from. */
async function waitFor(enter: (more: QueueOptions<Arena>) => Promise<Ticket<Arena>>): Promise<Room<Arena>> {
  const panel = element('waiting')
  const leaving = new AbortController()
  element('cancel').addEventListener('click', () => leaving.abort(), { once: true })
  panel.hidden = false
  element('cancel').focus()
  try {
    return await (await enter({ onUpdate: show, signal: leaving.signal })).room
  } catch (error) {
    if (!leaving.signal.aborted) throw error
    goHome()
    return new Promise(() => {}) // nothing more happens on this page
  } finally {
    panel.hidden = true
  }
}

function show({ estimate, waiting }: Ticket<Arena>): void {
  const soon = estimate === undefined ? '' : `, about ${Math.max(1, Math.round(estimate))} s to go`
  const others = `${waiting} players are waiting${soon}`
  setText(element('wait-text'), waiting > 1 ? others : 'You are the first in the queue')
}

/** The code stands where the game's name does, and in the address, which friends may be sent. */
function showCode(code: string): void {
  const url = new URL(location.href)
  url.searchParams.delete('name')
  url.searchParams.set('code', code)
  history.replaceState(null, '', url)
  setText(element('brand'), 'code ')
  const shown = document.createElement('b')
  shown.textContent = code.toUpperCase()
  element('brand').append(shown)
}
