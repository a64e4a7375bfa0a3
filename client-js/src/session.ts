import { Conn, type End } from './conn.js'
import type { Env } from './env.js'
import { malformed, RoomError } from './errors.js'
import type { Incoming, Outgoing, Welcome } from './frame.js'
import type { Keeper } from './keep.js'
import type { SeatAt } from './seat.js'

/**
 * What a room's line to the server is doing. restarting is reconnecting to a server that
 * said it goes away for a moment.
 */
export type ConnState = 'connecting' | 'open' | 'reconnecting' | 'restarting' | 'closed'

/** What a session asks of and tells its room. */
export interface SessionEvents {
  hello(): NonNullable<Outgoing['hello']>
  /** eventAck is what the hello said that the welcome answers. */
  welcomed(welcome: Welcome, eventAck: number): void
  frame(frame: Incoming): void
  /** Frames of the server could not be read: what we hold of the state is void. */
  broken(): void
  state(state: ConnState, why: RoomError | undefined): void
  /** Names that the page has used so far, to be compared with the game's. */
  spelled(by: Keeper): void
}

/**
 * One seat and the conn in use. What a session needs only when that conn fails is in its
 * keeper: a module of its own, which the first welcome sends for, so that it is there
 * before the network is gone.
 */
export class Session {
  state: ConnState = 'connecting'
  /** Bytes since the session began. */
  readonly traffic = { in: 0, out: 0, frames: 0 }
  /** The conn in use, welcomed. */
  conn: Conn | undefined
  /** The newest welcome. */
  welcome: Welcome | undefined
  keeper: Keeper | undefined

  constructor(
    readonly env: Env,
    /** Under which the seat is stored. */
    readonly key: string,
    readonly at: SeatAt,
    readonly events: SessionEvents,
  ) {}

  /** Opens the first conn: with a seat token, which works once, or a stored secret. */
  async start(): Promise<void> {
    if ('token' in this.at) this.dial(`seat.${this.at.token}`)
    else if (await this.load()) this.keeper?.restart(this.at.secret)
    else this.end(new RoomError('lost', 'roomtick-keep.js was not loaded'))
  }

  /** Opens a conn, which is in use from its welcome on. */
  dial(credential: string): Conn {
    const conn: Conn = new Conn(this.env, this.at.url, credential, this.events.hello, {
      frame: (frame, bytes) => this.frame(conn, frame, bytes),
      ended: (end) => this.ended(conn, end),
    })
    return conn
  }

  /** Sends now, or not at all if no conn is open. */
  send(frame: Outgoing): void {
    if (this.state === 'open') this.traffic.out += this.conn?.send(frame) ?? 0
  }

  /** Gives the seat up. */
  leave(): void {
    this.send({ leave: true })
    this.end(new RoomError('left', 'the player left'))
  }

  /** Closes for good. */
  end(why: RoomError): void {
    if (this.state === 'closed') return
    this.conn?.close()
    this.keeper?.close(why)
    this.become('closed', why)
  }

  become(state: ConnState, why?: RoomError): void {
    if (this.state === state) return
    this.state = state
    this.events.state(state, why)
  }

  private frame(conn: Conn, frame: Incoming, bytes: number): void {
    this.traffic.in += bytes
    this.traffic.frames++
    const { welcome } = frame
    if (welcome) {
      // The room has another owner by now: this one does not know, and its players are to come to that.
      if (this.welcome && welcome.epoch < this.welcome.epoch) throw malformed('2.2')
      if (conn !== this.conn) this.conn?.close()
      this.conn = conn
      this.welcome = welcome
      this.keeper?.won(conn, welcome)
      this.events.welcomed(welcome, conn.eventAck)
    }
    if (conn !== this.conn) return
    if (this.keeper) this.keeper.heard()
    else {
      this.become('open')
      if (welcome) void this.load()
    }
    this.events.frame(frame)
  }

  private async ended(conn: Conn, end: End): Promise<void> {
    const keeper = this.keeper ?? (this.welcome && (await this.load()))
    if (keeper) keeper.ended(conn, end)
    else this.end(end.error)
  }

  private load(): Promise<Keeper | undefined> {
    return this.env.keeping().then(
      (made) => {
        if (!this.keeper && this.state !== 'closed') {
          this.keeper = new made.Keeper(this)
          this.events.spelled(this.keeper)
        }
        return this.keeper
      },
      () => undefined,
    )
  }
}
