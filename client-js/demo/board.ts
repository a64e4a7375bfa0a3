// The leader board: the five best, the own place if it is not among them, the teams.

import type { Room } from '../src/index.js'
import type { Arena } from './arena.js'
import { element, make, setText, textColour } from './element.js'
import type { Scene } from './scene.js'

const everyMs = 300

export function showBoard(room: Room<Arena>, scene: Scene): void {
  const list = element('places')
  let shown = ''
  let own = { name: '', points: 0 }
  const hues = new Map<number, number>() // by seat, kept while there is no ship
  const refresh = () => {
    const { board } = room.state
    if (!board) return
    const mine = scene.own
    for (const ship of room.state.ships) hues.set(ship.seat, ship.hue)
    if (mine) own = { name: mine.name, points: mine.points }
    const { names, points, seats, red, blue } = board
    const digest = `${own.name}|${hues.size}|${names}|${points}|${seats}|${own.points}|${red}|${blue}`
    if (digest === shown) return
    shown = digest
    list.replaceChildren()
    names.forEach((name, i) => {
      if (!name) return
      const seat = seats[i] as number
      list.append(place(String(i + 1), name, points[i] as number, hues.get(seat), seat === room.seat))
    })
    if (own.name && !seats.includes(room.seat)) list.append(place('·', own.name, own.points, hues.get(room.seat), true))
    element('teams').hidden = red === 0 && blue === 0
    setText(element('red'), String(red))
    setText(element('blue'), String(blue))
  }
  setInterval(refresh, everyMs)
  refresh()
}

function place(at: string, name: string, points: number, hue: number | undefined, mine: boolean): HTMLElement {
  const row = make('li', '')
  if (mine) row.className = 'mine'
  row.append(make('i', at), make('span', name, hue === undefined ? '' : textColour(hue)), make('b', String(points)))
  return row
}
