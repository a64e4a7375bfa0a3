// The screen before the game: asks for a name, with a quiet sky behind it.

import type { Camera } from './camera.js'
import { Crowd } from './crowd.js'
import { drawRocks } from './draw-rocks.js'
import { Ships } from './draw-ships.js'
import { Sky } from './draw-sky.js'
import { element, setText } from './element.js'
import { playingKey } from './home.js'
import { noise } from './sprites.js'

const nameKey = 'arena.name'
const names = ['Ada', 'Grace', 'Linus', 'Barbara', 'Edsger', 'Radia', 'Ken', 'Hedy', 'Alan', 'Margaret']

/** The name to join with; asks for it unless the address or the tab has one. */
export async function askName(): Promise<string> {
  const asked = new URLSearchParams(location.search).get('name') ?? sessionStorage.getItem(playingKey)
  const name = asked ?? (await fromForm())
  sessionStorage.setItem(playingKey, name)
  element('join').hidden = true
  return name
}

function fromForm(): Promise<string> {
  const field = element<HTMLInputElement>('name')
  const asked = new URLSearchParams(location.search).get('code')
  if (asked) element<HTMLInputElement>('code').value = asked
  field.value = localStorage.getItem(nameKey) ?? (names[Math.floor(Math.random() * names.length)] as string)
  element('join').hidden = false
  if (!matchMedia('(pointer: coarse)').matches) field.select()
  void tellPlayers()
  return new Promise((resolve) => {
    element('join-form').addEventListener('submit', (event) => {
      event.preventDefault()
      chooseDoor(event.submitter)
      const name = field.value.trim() || (names[0] as string)
      localStorage.setItem(nameKey, name)
      resolve(name)
    })
  })
}

/** Puts the room that was asked for into the address: by the button, or the code of a friend. */
function chooseDoor(pressed: HTMLElement | null): void {
  const url = new URL(location.href)
  const code = element<HTMLInputElement>('code').value.trim()
  if (pressed?.id === 'duel') url.searchParams.set('queue', 'duel')
  else if (pressed?.id === 'watch') url.searchParams.set('watch', '')
  else if (pressed?.id === 'private') url.searchParams.set('code', '')
  else if (code) url.searchParams.set('code', code)
  history.replaceState(null, '', url)
}

/** Says how many are playing, if the server tells. */
async function tellPlayers(): Promise<void> {
  try {
    const answer = await fetch('/v1/rooms?game=arena')
    const { rooms } = (await answer.json()) as { rooms: { players: number; bots: number }[] }
    const sum = (key: 'players' | 'bots') => rooms.reduce((n, room) => n + room[key], 0)
    const [people, bots] = [sum('players'), sum('bots')]
    if (people + bots === 0) return
    element('watch').hidden = false
    setText(element('online'), `Flying now: ${people} ${people === 1 ? 'player' : 'players'}, ${bots} bots`)
  } catch {
    // The figure is a courtesy; joining tells what is wrong.
  }
}

/** What is drawn behind the form. */
export class Waiting {
  private readonly sky = new Sky()
  private readonly ships = new Ships()
  private readonly crowd = new Crowd(7)
  private readonly rocks = Array.from({ length: 9 }, (_, i) => ({ id: i, mine: false, size: 1 + (i % 3), x: 0, y: 0 }))

  draw(camera: Camera, now: number): void {
    camera.fit()
    camera.x = 2000 + now / 60
    camera.y = 2000 + Math.sin(now / 9000) * 120
    camera.aim(0)
    this.sky.draw(camera)
    const wide = camera.width / camera.k
    const high = camera.height / camera.k
    for (const rock of this.rocks) {
      const along = (noise(rock.id, 1) + now * (0.000004 + noise(rock.id, 2) * 0.000012)) % 1
      rock.x = camera.x + (along * 1.3 - 0.65) * wide
      rock.y = camera.y + (noise(rock.id, 3) - 0.5) * high
    }
    drawRocks(camera, this.rocks, now)
    this.crowd.update(camera, now)
    for (const ship of this.crowd.ships) {
      ship.hp = 100
      ship.safe = false
    }
    this.ships.draw(camera, this.crowd.ships, 0, now)
  }
}
