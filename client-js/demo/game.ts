// The game on the screen: one call of draw for each picture.

import type { Room } from '../src/index.js'
import type { Arena, Rock } from './arena.js'
import { showBoard } from './board.js'
import type { Camera } from './camera.js'
import { showChat } from './chat.js'
import type { Crowd } from './crowd.js'
import { Bullets } from './draw-bullets.js'
import { drawField, type Size } from './draw-field.js'
import { drawPickups } from './draw-pickups.js'
import { drawRocks, rockReach } from './draw-rocks.js'
import { Ships } from './draw-ships.js'
import { Sky } from './draw-sky.js'
import { Tags } from './draw-tags.js'
import { Effects } from './effects.js'
import { element } from './element.js'
import { showFeed } from './feed.js'
import { FrameMeter } from './frame-meter.js'
import { Input } from './input.js'
import { Minimap } from './minimap.js'
import { showNotices } from './notice.js'
import { showRespawn } from './respawn.js'
import { noSeat } from './rules.js'
import { Scene } from './scene.js'
import type { Sounds } from './sound.js'
import { showStrip } from './strip.js'
import { Hurt, showVitals } from './vitals.js'
import { Watch } from './watch.js'

const judgeMs = 2000
const plainMs = 20000 // a machine that could not keep up is not asked again before
const slowFps = 45
const fastFps = 57
const awayMs = 500 // between two pictures: the tab was hidden, what burst meanwhile is over
const longest = 0.1 // seconds that a picture may account for: after a pause nothing leaps

export class Game {
  readonly meter = new FrameMeter()
  private readonly scene: Scene
  private readonly world: Size
  private readonly sky = new Sky()
  private readonly ships = new Ships()
  private readonly tags = new Tags()
  private readonly bullets = new Bullets()
  private readonly effects: Effects
  private readonly input: Input
  private readonly hurt: Hurt
  private readonly minimap = new Minimap(element<HTMLCanvasElement>('minimap'))
  private readonly mapped
  private readonly watch: Watch | undefined
  private last = performance.now()
  private judgeAt = this.last + 3 * judgeMs // the first seconds are slow anywhere

  /** crowd is what this page adds for itself. */
  constructor(
    private readonly room: Room<Arena>,
    private readonly camera: Camera,
    private readonly sounds: Sounds,
    name: string,
    private readonly crowd: Crowd,
  ) {
    this.scene = new Scene(room, camera)
    this.world = worldSize(room)
    const { ships, pickups } = room.state
    this.mapped = { ships, pickups, rocks: () => this.everyRock(), own: this.scene.own }
    this.effects = new Effects(room, this.scene, camera, sounds)
    this.input = new Input(room, camera.canvas)
    this.hurt = new Hurt(camera, sounds)
    camera.x = this.world.width / 2
    camera.y = this.world.height / 2
    showStrip(room, this.meter)
    showNotices(room, name)
    showBoard(room, this.scene)
    if (room.seat === noSeat) this.watch = new Watch(room, this.scene)
    showFeed(room, () => (this.watch ? '' : (this.scene.own?.name ?? name)), sounds)
    showChat(room, camera.canvas, sounds)
    showVitals(room, this.scene, sounds)
    showRespawn(room, this.scene)
    element('game').hidden = false
    camera.canvas.focus()
  }

  /** Draws one picture. now is in milliseconds. */
  draw(now: number): void {
    const started = performance.now()
    const gap = now - this.last
    const dt = Math.min(Math.max(gap, 0) / 1000, longest)
    const away = gap > awayMs
    this.last = now
    if (away) this.effects.particles.clear()
    const { scene, camera, room } = this
    scene.update()
    const { own } = scene
    this.input.update(own)
    if (own && this.input.trigger.fires(own, this.input.fire, now)) this.effects.fire(room.seat, own.x, own.y)
    this.sounds.engine(own?.thrust === true && room.connState === 'open')
    camera.fit()
    const eye = this.watch?.ship(now) ?? own
    if (eye) camera.follow(eye.x, eye.y, eye.vx ?? 0, eye.vy ?? 0, dt)
    camera.aim(dt)
    this.crowd.update(camera, now)
    scene.ships.push(...this.crowd.ships)
    for (const rock of this.crowd.rocks) if (camera.sees(rock.x, rock.y, rockReach)) scene.rocks.push(rock)
    this.paint(now, dt)
    this.mapped.own = eye
    this.minimap.draw(this.mapped, camera, this.world, now)
    if (!away) this.meter.note(gap, performance.now() - started)
    this.judge(now)
  }

  /** Leaves out what only makes it prettier on a machine that cannot keep up, and tries again later. */
  private judge(now: number): void {
    if (now < this.judgeAt) return
    const { camera, meter } = this
    const slow = meter.fps > 0 && meter.fps < slowFps
    this.judgeAt = now + (camera.rich && slow ? plainMs : judgeMs)
    camera.rich = !slow && (camera.rich || meter.fps > fastFps)
  }

  /** Also those far off the screen. */
  private *everyRock(): Iterable<Rock> {
    yield* this.room.state.rocks
    yield* this.crowd.rocks
  }

  private paint(now: number, dt: number): void {
    const { scene, camera, ships } = this
    const mine = scene.own?.id ?? 0
    this.sky.draw(camera)
    drawField(camera, this.world)
    drawPickups(camera, scene.pickups, now)
    drawRocks(camera, scene.rocks, now)
    this.bullets.draw(camera, scene, this.room.seat, now)
    const damage = ships.draw(camera, scene.ships, mine, now)
    this.effects.draw(now, dt)
    this.tags.draw(camera, scene.ships, mine, ships, now)
    if (damage > 0) this.hurt.by(damage)
  }
}

/** The world is as large as the server says the ships' positions can be. */
function worldSize(room: Room<Arena>): Size {
  const max = (name: string) => room.state.ships.fields.find((f) => f.name === name)?.max ?? 0
  return { width: max('x'), height: max('y') }
}
