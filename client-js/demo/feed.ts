// Who destroyed whom: the last few lines, each for a while.

import type { Room } from '../src/index.js'
import type { Arena, Kill } from './arena.js'
import { element, make, textColour } from './element.js'
import type { Sounds } from './sound.js'

const most = 5
const shownMs = 7000

export function showFeed(room: Room<Arena>, myName: () => string, sounds: Sounds): void {
  const list = element('feed')
  room.events.on('kills', (kill) => {
    const line = lineOf(kill)
    if (kill.by === myName() && kill.by) {
      line.className = 'mine'
      sounds.play('kill')
    }
    list.append(line)
    while (list.children.length > most) list.firstElementChild?.remove()
    setTimeout(() => line.remove(), shownMs)
  })
}

function lineOf({ by, of, byHue, ofHue }: Kill): HTMLElement {
  const line = make('li', '')
  if (by) line.append(make('b', by, textColour(byHue)), make('span', ' destroyed '))
  line.append(make('b', of, textColour(ofHue)))
  if (!by) line.append(make('span', ' hit a rock'))
  return line
}
