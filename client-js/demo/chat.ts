// Chat: Enter opens it, Enter sends, Escape closes.

import { type Room, RoomError } from '../src/index.js'
import type { Arena, Line } from './arena.js'
import { element, make, takesKeys, textColour } from './element.js'
import { chatBytes, noSeat } from './rules.js'
import type { Sounds } from './sound.js'

const mostLines = 60
const freshMs = 9000 // a line stays readable that long while chat is closed

/** Shows what is said, and lets those who play say something. */
export function showChat(room: Room<Arena>, canvas: HTMLCanvasElement, sounds: Sounds): void {
  const log = element('lines')
  room.events.on('lines', (line) => {
    add(log, line)
    sounds.play('chat')
  })
  if (room.seat !== noSeat) takeLines(room, canvas, log)
}

function takeLines(room: Room<Arena>, canvas: HTMLCanvasElement, log: HTMLElement): void {
  const box = element('chat')
  const form = element<HTMLFormElement>('chat-form')
  const field = element<HTMLInputElement>('say')
  const open = () => {
    box.classList.add('open')
    form.hidden = false
    log.scrollTop = log.scrollHeight
    field.focus()
  }
  const close = () => {
    box.classList.remove('open')
    form.hidden = true
    canvas.focus()
  }
  element('chat-button').addEventListener('click', open)
  addEventListener('keydown', (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing
    if (event.key === 'Enter' && plain && form.hidden && !takesKeys(event.target)) {
      event.preventDefault()
      open()
    } else if (event.key === 'Escape' && !form.hidden) close()
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const text = fitting(field.value.trim())
    if (text && !say(room, text)) return
    field.value = ''
    close()
  })
}

/** Returns whether the line is on its way. */
function say(room: Room<Arena>, text: string): boolean {
  try {
    return room.send('say', { text })
  } catch (error) {
    if (error instanceof RoomError) return false
    throw error
  }
}

/** The beginning of a text that fits into a line, cut between characters. */
function fitting(text: string): string {
  let cut = text
  while (new TextEncoder().encode(cut).length > chatBytes) cut = [...cut].slice(0, -1).join('')
  return cut
}

function add(log: HTMLElement, { from, text, hue }: Line): void {
  const line = make('p', '')
  line.append(make('b', from, textColour(hue)), make('span', ` ${text}`))
  log.append(line)
  while (log.children.length > mostLines) log.firstElementChild?.remove()
  log.scrollTop = log.scrollHeight
  setTimeout(() => line.classList.add('old'), freshMs)
}
