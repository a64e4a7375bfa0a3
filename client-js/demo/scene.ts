// What there is to draw at this moment: the own ship ahead of the server, by prediction,
// everything else a little behind it, between two snapshots.

import type { Entity, Room, Table } from '../src/index.js'
import { type Interpolator, interpolate } from '../src/interpolate.js'
import { type Predictor, predict } from '../src/predict.js'
import type { Arena, Bullet, Pickup, Rock, Ship } from './arena.js'
import type { Camera } from './camera.js'
import { move } from './move.js'

/** A ship as it is drawn. The own one is always the same object. */
export type ShipPicture = { -readonly [K in keyof Ship]: Ship[K] } & { id: number }
export type Seen<T> = Entity<T>

const seats = 65536 // a seat is a uint16
const margin = 260 // units beyond the screen: what is there may be on it in the picture that is drawn

export class Scene {
  /** All of them only if they are on the screen, or close to it. */
  readonly ships: Readonly<ShipPicture>[] = []
  readonly rocks: Seen<Rock>[] = []
  readonly bullets: Seen<Bullet>[] = []
  readonly pickups: Seen<Pickup>[] = []
  /** The own ship, among ships too; undefined while it is destroyed. */
  own: Readonly<ShipPicture> | undefined
  /** The seat whose ship is followed wherever it is: the own one, or one that is watched. */
  follows: number
  /** How far ahead of the others' time the own ship is drawn, in units. */
  leadX = 0
  leadY = 0
  private readonly smooth: Interpolator<Arena>
  private readonly predictor: Predictor<Ship>
  private readonly picture = { id: 0 } as ShipPicture
  private readonly bySeat = new Map<number, Readonly<ShipPicture>>()

  constructor(
    private readonly room: Room<Arena>,
    camera: Camera,
  ) {
    this.follows = room.seat
    const close = ({ x, y }: { x: number; y: number }) => camera.sees(x, y, margin)
    const sees = {
      rocks: close,
      bullets: close,
      pickups: close,
      ships: (s: Ship) => s.seat === this.follows || close(s),
    }
    this.smooth = interpolate(room, { sees })
    this.predictor = predict<Arena, 'ships'>(room, 'ships', move)
  }

  /** Brings everything to this moment. Delivers the events whose tick is drawn now. */
  update(): void {
    this.smooth.begin()
    const { state } = this.room
    this.fill(this.rocks, state.rocks)
    this.fill(this.bullets, state.bullets)
    this.fill(this.pickups, state.pickups)
    this.ships.length = 0
    this.bySeat.clear()
    this.own = undefined
    for (const ship of this.smooth.all(state.ships)) {
      if (ship.seat === this.room.seat) this.take(ship)
      else this.add(ship as unknown as Readonly<ShipPicture>)
    }
    const { entity } = this.predictor
    if (entity && !this.own) this.take(entity) // just launched: its tick is not drawn yet
    if (this.own) this.add(this.own)
  }

  /** The ship of a seat, if it is on the screen or close to it. */
  shipOf(seat: number): Readonly<ShipPicture> | undefined {
    return this.bySeat.get(seat % seats)
  }

  private add(ship: Readonly<ShipPicture>): void {
    this.ships.push(ship)
    this.bySeat.set(ship.seat, ship)
  }

  /** The own ship: where prediction has it, and otherwise as the server says. */
  private take(late: Seen<Ship>): void {
    const { entity } = this.predictor
    const view = this.predictor.view()
    const { picture } = this
    // Between its end on the server and the moment that its end is drawn it stays put.
    const stays = !view && picture.id === late.id
    const { x, y, angle } = stays ? picture : late
    copyShip(entity ?? late, picture)
    picture.x = view?.x ?? x
    picture.y = view?.y ?? y
    picture.angle = view?.angle ?? angle
    picture.thrust = view?.thrust ?? false
    picture.vx = view?.vx ?? 0
    picture.vy = view?.vy ?? 0
    picture.id = late.id
    this.leadX = picture.x - late.x
    this.leadY = picture.y - late.y
    this.own = picture
  }

  private fill<T>(list: Seen<T>[], table: Table<T>): void {
    list.length = 0
    for (const entity of this.smooth.all(table)) list.push(entity)
  }
}

function copyShip(from: Readonly<Ship>, to: ShipPicture): void {
  to.hp = from.hp
  to.safe = from.safe
  to.power = from.power
  to.points = from.points
  to.name = from.name
  to.hue = from.hue
  to.team = from.team
  to.seat = from.seat
  to.reload = from.reload ?? 0
}
