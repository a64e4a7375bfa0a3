// The demo page: asks for a name, joins the arena and draws it. ?name= joins at once,
// ?crowd= and ?rocks= add ships and rocks that only this page has.

import { type Room, RoomError } from '../src/index.js'
import type { Arena } from './arena.js'
import { Camera } from './camera.js'
import { Crowd } from './crowd.js'
import { joinRoom } from './door.js'
import { element } from './element.js'
import type { FrameMeter } from './frame-meter.js'
import { Game } from './game.js'
import { askName, Waiting } from './join-screen.js'
import { showEnd } from './notice.js'
import { Sounds } from './sound.js'
import { watchMute } from './strip.js'
import { expectThumbs } from './thumbs.js'

declare global {
  interface Window {
    /** For tests and for a look from the console. */
    room?: Room<Arena>
    pictures?: FrameMeter
  }
}

const mostExtra = 10_000

async function main(): Promise<void> {
  const camera = new Camera(element<HTMLCanvasElement>('field'))
  const sounds = new Sounds()
  watchMute(sounds)
  expectThumbs()
  const waiting = new Waiting()
  let game: Game | undefined
  const frame = (now: number) => {
    if (game) game.draw(now)
    else waiting.draw(camera, now)
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  const name = await askName()
  const room = await joinRoom(name)
  const extra = (what: string) => Math.min(Number(new URLSearchParams(location.search).get(what)) || 0, mostExtra)
  game = new Game(room, camera, sounds, name, new Crowd(extra('crowd'), extra('rocks')))
  window.room = room
  window.pictures = game.meter
}

main().catch((error: unknown) => {
  showEnd(error instanceof RoomError ? error : new RoomError('failed', String(error)))
})
