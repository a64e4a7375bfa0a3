// The banner over the game while the line to the server is down.

import type { Room, RoomError } from '../src/index.js'
import type { Arena } from './arena.js'
import { element, make } from './element.js'

/** Tells about lost and closed conns for as long as the room lives. */
export function showNotices(room: Room<Arena>): void {
  room.on('state', (state) => {
    if (state === 'open') hide()
    if (state === 'reconnecting') show('Reconnecting …', 'The connection was lost. Your ship and your points are kept.')
    if (state === 'restarting') show('The server is restarting …', 'The match goes on in a moment, with your points.')
  })
  room.on('error', (error) => {
    if (room.connState === 'closed') showEnd(error)
  })
}

/** Says why there is no room to show, and offers another. */
export function showEnd(error: RoomError): void {
  show(`${error.message}.`, error.hint)
  const again = make('button', 'Join again')
  again.addEventListener('click', () => location.reload())
  element('notice').append(again)
  again.focus()
}

function show(title: string, text: string): void {
  const notice = element('notice')
  notice.replaceChildren(make('b', title), make('span', text))
  notice.hidden = false
}

function hide(): void {
  element('notice').hidden = true
}
