import { Backoff } from './backoff.js'
import { Conn, type End } from './conn.js'
import type { Env } from './env.js'
import { CloseCode, RoomError } from './errors.js'
import type { Incoming, Outgoing, Welcome } from './frame.js'

/**
 * What a room's line to the server is doing. restarting is reconnecting to a server that
 * said it goes away for a moment.
 */
export type ConnState = 'connecting' | 'open' | 'reconnecting' | 'restarting' | 'closed'

const maxFaults = 3 // frames we could not read before we give up on the server
const healthyFrames = 40 // after which a conn works: earlier faults and attempts are forgotten
const heartbeatMs = 1000 // a frame is due at least that often; two without one open a second socket
const watchMs = 250
const patienceMs = 30_000 // for a seat from before a reload: whether it is still there nobody has told us
const maxDials = 4 // sockets that wait for their welcome; the oldest gives way

/** What a session asks of and tells its room. */
export interface SessionEvents {
  hello(): NonNullable<Outgoing['hello']>
  /** eventAck is what the hello said that the welcome answers. */
  welcomed(welcome: Welcome, url: string, eventAck: number): void
  frame(frame: Incoming): void
  /** Frames of the server could not be read: what we hold of the state is void. */
  broken(): void
  state(state: ConnState, why: RoomError | undefined): void
}

/**
 * One seat over many conns: resumes by secret until the server says no. While the conn in
 * use is silent others are dialled beside it; the first that is heard of wins.
 */
export class Session {
  state: ConnState = 'connecting'
  /** Bytes since the session began. */
  readonly traffic = { in: 0, out: 0, frames: 0 }
  /** The conn in use, welcomed; and those that wait for a welcome, oldest first. */
  private conn: Conn | undefined
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
  private readonly backoff = new Backoff()
  private cancelDial = () => {}
  private cancelWatch = () => {}

  constructor(
    private readonly env: Env,
    private readonly url: string,
    private readonly events: SessionEvents,
  ) {}

  /** Opens the first conn with a seat token, which works once. */
  start(token: string): void {
    this.dial(`seat.${token}`)
  }

  /** Opens the first conn with the secret of a seat from before a reload. */
  restart(secret: string): void {
    this.secrets = [secret]
    this.until = this.env.now() + patienceMs
    this.dial(`resume.${secret}`)
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

  /**
   * The tab was shown again or the network has changed: finds out soon whether the conn
   * still works, and does not wait for the next attempt if there is none.
   */
  probe(): void {
    if (this.secrets.length === 0 || this.state === 'closed') return
    this.backoff.reset()
    const { conn } = this
    if (!conn || this.state !== 'open') return this.dialIn(0)
    const asked = this.env.now()
    this.cancelDial()
    this.cancelDial = this.env.after(heartbeatMs, () => {
      if (conn === this.conn && conn.heard <= asked) this.resume()
    })
  }

  private dial(credential: string): void {
    const conn: Conn = new Conn(this.env, this.url, credential, () => this.events.hello(), {
      frame: (frame, bytes) => this.frame(conn, frame, bytes),
      ended: (end) => this.ended(conn, end),
    })
    this.dials.push(conn)
    if (this.dials.length > maxDials) this.dials.shift()?.close()
  }

  /** Asks for the seat on another socket, and on one more if that stays silent too. */
  private resume(): void {
    this.raced ||= this.conn !== undefined || this.dials.length > 0
    this.become(this.state === 'restarting' ? this.state : 'reconnecting')
    this.dial(`resume.${this.secrets[0]}`)
    this.dialIn(this.backoff.most(this.env.now()))
  }

  private dialIn(ms: number): void {
    this.cancelDial()
    this.cancelDial = this.env.after(ms, () => this.resume())
  }

  private frame(conn: Conn, frame: Incoming, bytes: number): void {
    this.traffic.in += bytes
    this.traffic.frames++
    if (frame.welcome) this.win(conn, frame.welcome)
    if (conn !== this.conn) return
    if (this.state !== 'open') this.settle()
    this.events.frame(frame)
    if (++this.healthy !== healthyFrames) return
    this.faults = 0
    this.raced = false
    this.backoff.reset()
  }

  private win(conn: Conn, welcome: Welcome): void {
    this.conn?.close()
    this.conn = conn
    this.dials = this.dials.filter((other) => other !== conn)
    this.until = Number.POSITIVE_INFINITY
    this.quietMs = 2 * Math.max(heartbeatMs, (1000 * welcome.sendEvery) / welcome.tickRate)
    this.secrets = [welcome.secret, ...this.secrets.slice(0, 1)]
    this.events.welcomed(welcome, this.url, conn.eventAck)
  }

  /** The conn in use has been heard of: no other is needed. */
  private settle(): void {
    this.cancelDial()
    for (const other of this.dials.splice(0)) other.close()
    this.healthy = 0 // counts anew also for the old conn: its dials are to be forgotten
    this.become('open')
    this.watch()
  }

  private watch(): void {
    this.cancelWatch()
    this.cancelWatch = this.env.after(watchMs, () => {
      if (!this.conn || this.state !== 'open') return
      if (this.env.now() - this.conn.heard < this.quietMs) this.watch()
      else this.resume()
    })
  }

  private ended(conn: Conn, end: End): void {
    const dialled = this.dials.includes(conn)
    this.dials = this.dials.filter((other) => other !== conn)
    if (end.error.code === 'malformed') {
      this.faults++
      if (conn === this.conn) this.events.broken()
    }
    if (conn === this.conn) this.conn = undefined
    const patient = this.secrets.length > 0 && this.faults < maxFaults && this.env.now() < this.until
    const again = patient && (end.resumable || this.lostRace(end.code))
    if (dialled && this.conn) return // the conn in use may yet be heard of
    if (!again) return this.end(end.error)
    this.become(
      end.code === CloseCode.restart || this.state === 'restarting' ? 'restarting' : 'reconnecting',
      end.error,
    )
    if (this.dials.length === 0) this.dialIn(this.backoff.next(this.env.now(), this.env.random(), end.retryMs))
  }

  /** Whether a conn was turned away because another of ours had asked too. */
  private lostRace(code: number): boolean {
    if (!this.raced) return false
    if (code !== CloseCode.resumeRefused) return code === CloseCode.replaced
    return this.secrets.length > 1 && this.secrets.shift() !== undefined
  }

  private end(why: RoomError): void {
    if (this.state === 'closed') return
    this.cancelDial()
    this.cancelWatch()
    for (const conn of [this.conn, ...this.dials]) conn?.close()
    this.become('closed', why)
  }

  private become(state: ConnState, why?: RoomError): void {
    if (this.state === state) return
    this.state = state
    this.events.state(state, why)
  }
}
