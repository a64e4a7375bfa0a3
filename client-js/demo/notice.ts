// The banner over the game while the line to the server is down.

import type { Room, RoomError } from '../src/index.js'
import type { Arena } from './arena.js'
import { element, make } from './element.js'
import { goHome } from './home.js'

/** Endings after which the same player simply plays on in another room. */
const playOn = ['resume-refused', 'room-gone', 'room-failed']

/** How long the reason stays readable before the page joins again, in milliseconds. */
const readingTime = 1500

/** Tells about lost and closed conns for as long as the room lives. */
export function showNotices(room: Room<Arena>, name: string): void {
  room.on('state', (state) => {
    if (state === 'open') hide()
    if (state === 'reconnecting') show('Reconnecting …', 'The connection was lost. Your ship and your points are kept.')
    if (state === 'restarting') show('The server is restarting …', 'You are back in the arena in a moment.')
  })
  room.on('error', (error) => {
    if (room.connState !== 'closed') return
    if (playOn.includes(error.code)) joinAnother(name)
    else showEnd(error)
  })
}

/** The match is over for the server: joins another one under the same name. */
function joinAnother(name: string): void {
  show('This match is over', 'Joining another one …')
  const url = new URL(location.href)
  url.searchParams.set('name', name)
  url.searchParams.delete('code') // that room is gone
  setTimeout(() => location.replace(url), readingTime)
}

/** Says why there is no room to show, and offers another. */
export function showEnd(error: RoomError): void {
  show(error.reason.replace(/\.?$/, '.'), error.hint)
  const again = make('button', 'Join again')
  // A private room that is gone, or a code that was mistyped, is no better the next time.
  again.addEventListener('click', () => (error.code === 'no-entry' ? goHome() : location.reload()))
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
