// Keeps a seat: what a room needs from the moment that something goes wrong with its conn,
// or to find its seat again after a reload. A module of its own, which roomtick.js loads by
// itself once it plays: a page waits for it only to come back to a stored seat.

import { Backoff } from './backoff.js'
import type { Conn, End } from './conn.js'
import { CloseCode, type RoomError } from './errors.js'
import type { Outgoing, Welcome } from './frame.js'
import type { Group } from './group.js'
import { pubHash } from './hash.js'
import { SeatStore } from './seat.js'
import type { Session } from './session.js'
import { Spelling } from './spelling.js'
import { browserTab } from './tab.js'

export { claim } from './seat.js'

const maxFaults = 3 // frames we could not read before we give up on the server
const healthyFrames = 40 // after which a conn works: earlier faults and attempts are forgotten
const heartbeatMs = 1000 // a frame is due at least that often; two without one open a second socket
const watchMs = 250
const patienceMs = 30_000 // for a seat from before a reload: whether it is still there nobody has told us
const maxDials = 4 // sockets that wait for their welcome; the oldest gives way
const hiddenHz = 1
const hashMs = 1000 // PROTOCOL.md 5.2

/**
 * Brings a session back by its resume secret until the server says no. While the conn in
 * use is silent others are dialled beside it; the first that is heard of wins.
 */
export class Keeper {
  /** Conns that wait for a welcome, oldest first. */
  private dials: Conn[] = []
  /**
   * Resume secrets, the newest first. Of two resumes at once the server may have taken
   * the one that we gave up: then the older secret is the one that it still knows.
   */
  private secrets: string[] = []
  private raced = false // several conns asked for the seat, so the server may have refused or replaced one of them
  private quietMs = 2 * heartbeatMs
  private until = 0 // when we give up; a welcome lifts it
  private faults = 0
  private healthy = 0
  private hidden = false
  private hashAt = 0
  private hashed = -1 // slot of the group whose hash was sent last
  private readonly backoff = new Backoff()
  private readonly seat: SeatStore
  private readonly offs: (() => void)[]
  readonly spelling = new Spelling()
  private cancelDial = () => {}
  private cancelWatch = () => {}

  constructor(private readonly session: Session) {
    const { env, conn, welcome } = session
    const tab = env.tab ?? browserTab
    this.seat = new SeatStore(env, session.key, session.at)
    if (conn && welcome) {
      this.won(conn, welcome)
      this.watch()
    }
    this.offs = [
      tab.onHidden((hidden) => {
        if (hidden === this.hidden) return
        this.hidden = hidden
        session.send({ hz: hidden ? hiddenHz : 0 })
        if (!hidden) this.probe()
      }),
      tab.onOnline(() => this.probe()),
    ]
  }

  /** Opens the first conn with the secret of a seat from before a reload. */
  restart(secret: string): void {
    this.secrets = [secret]
    this.until = this.now() + patienceMs
    this.dial()
  }

  /** A conn was welcomed: it is the one in use. */
  won(conn: Conn, { secret, sendEvery, tickRate }: Welcome): void {
    this.dials = this.dials.filter((other) => other !== conn)
    this.until = Number.POSITIVE_INFINITY
    this.quietMs = 2 * Math.max(heartbeatMs, (1000 * sendEvery) / tickRate)
    if (!secret) return // a spectator: nothing brings it back
    this.secrets = [secret, ...this.secrets.slice(0, 1)]
    this.seat.save(secret)
  }

  /** The conn in use has been heard of: no other is needed. */
  heard(): void {
    const { session } = this
    if (session.state !== 'open') {
      this.cancelDial()
      for (const other of this.dials.splice(0)) other.close()
      this.healthy = 0 // counts anew also for the old conn: its dials are to be forgotten
      session.become('open')
      if (this.hidden) session.send({ hz: hiddenHz })
      this.watch()
    }
    if (++this.healthy !== healthyFrames) return
    this.faults = 0
    this.raced = false
    this.backoff.reset()
  }

  /** A conn is no more: comes back, or ends the session. */
  ended(conn: Conn, end: End): void {
    const { session } = this
    const dialled = this.dials.includes(conn)
    this.dials = this.dials.filter((other) => other !== conn)
    if (end.error.code === 'malformed') {
      this.faults++
      if (conn === session.conn) session.events.broken()
    }
    if (conn === session.conn) session.conn = undefined
    const patient = this.secrets.length > 0 && this.faults < maxFaults && this.now() < this.until
    const again = patient && (end.resumable || this.lostRace(end.code))
    if (dialled && session.conn) return // the conn in use may yet be heard of
    if (!again) return session.end(end.error)
    const restarts = end.code === CloseCode.restart || session.state === 'restarting'
    session.become(restarts ? 'restarting' : 'reconnecting', end.error)
    if (this.dials.length === 0) this.dialIn(this.backoff.next(this.now(), session.env.random(), end.retryMs))
  }

  /** The session is over: nothing is to happen any more. */
  close({ retryMs }: RoomError): void {
    this.cancelDial()
    this.cancelWatch()
    for (const off of this.offs) off()
    for (const conn of this.dials) conn.close()
    if (retryMs === undefined) this.seat.clear() // else the seat may still be there for the next reload
  }

  /** About once a second the hash of one of the groups just applied, in turn. */
  hash(touched: readonly Group[]): Outgoing['hashes'] {
    const now = this.now()
    if (now - this.hashAt < hashMs) return undefined
    const order = [...touched].sort((a, b) => a.slot - b.slot)
    const group = order.find((g) => g.slot > this.hashed) ?? order[0]
    if (!group) return undefined
    this.hashAt = now
    this.hashed = group.slot
    return [{ group: group.slot, tick: group.tick, hash: pubHash(group) }]
  }

  /**
   * The tab was shown again or the network has changed: finds out soon whether the conn
   * still works, and does not wait for the next attempt if there is none.
   */
  private probe(): void {
    const { conn, state } = this.session
    if (this.secrets.length === 0) return
    this.backoff.reset()
    if (!conn || state !== 'open') return this.dialIn(0)
    const asked = this.now()
    this.cancelDial()
    this.cancelDial = this.session.env.after(heartbeatMs, () => {
      if (conn === this.session.conn && conn.heard <= asked) this.resume()
    })
  }

  private dial(): void {
    this.dials.push(this.session.dial(`resume.${this.secrets[0]}`))
    if (this.dials.length > maxDials) this.dials.shift()?.close()
  }

  /** Asks for the seat on another socket, and on one more if that stays silent too. */
  private resume(): void {
    const { session } = this
    this.raced ||= session.conn !== undefined || this.dials.length > 0
    if (session.state !== 'restarting') session.become('reconnecting')
    this.dial()
    this.dialIn(this.backoff.most(this.now()))
  }

  private dialIn(ms: number): void {
    this.cancelDial()
    this.cancelDial = this.session.env.after(ms, () => this.resume())
  }

  private watch(): void {
    this.cancelWatch()
    this.cancelWatch = this.session.env.after(watchMs, () => {
      const { conn, state } = this.session
      if (!conn || state !== 'open') return
      if (this.now() - conn.heard < this.quietMs) this.watch()
      else this.resume()
    })
  }

  /** Whether a conn was turned away because another of ours had asked too. */
  private lostRace(code: number): boolean {
    if (!this.raced) return false
    if (code !== CloseCode.resumeRefused) return code === CloseCode.replaced
    return this.secrets.length > 1 && this.secrets.shift() !== undefined
  }

  private now(): number {
    return this.session.env.now()
  }
}
