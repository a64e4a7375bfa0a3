import { Backoff } from './backoff.js'
import { Conn, type End } from './conn.js'
import type { Env } from './env.js'
import { CloseCode, RoomError } from './errors.js'
import type { Incoming, Outgoing, Welcome } from './frame.js'

/** What a room's line to the server is doing. */
export type ConnState = 'connecting' | 'open' | 'reconnecting' | 'closed'

const maxFaults = 3 // frames we could not read before we give up on the server
const healthyFrames = 40 // after which a conn works: earlier faults and attempts are forgotten

/** What a session asks of and tells its room. */
export interface SessionEvents {
  hello(): NonNullable<Outgoing['hello']>
  welcomed(welcome: Welcome, url: string): void
  frame(frame: Incoming): void
  /** Frames of the server could not be read: what we hold of the state is void. */
  broken(): void
  state(state: ConnState, why: RoomError | undefined): void
}

/** One seat over many conns: resumes by secret until the server says no. */
export class Session {
  state: ConnState = 'connecting'
  /** Bytes since the session began. */
  readonly traffic = { in: 0, out: 0, frames: 0 }
  private conn: Conn | undefined
  private secret = ''
  private faults = 0
  private healthy = 0
  private readonly backoff = new Backoff()
  private cancelRetry = () => {}

  constructor(
    private readonly env: Env,
    private readonly url: string,
    private readonly events: SessionEvents,
  ) {}

  /** Opens the first conn, with 'seat.<token>' or 'resume.<secret>'. */
  start(credential: string): void {
    this.dial(credential)
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

  private dial(credential: string): void {
    this.healthy = 0
    this.conn = new Conn(this.env, this.url, credential, this.events.hello(), {
      frame: (frame, bytes) => this.frame(frame, bytes),
      ended: (end) => this.ended(end),
    })
  }

  private frame(frame: Incoming, bytes: number): void {
    this.traffic.in += bytes
    this.traffic.frames++
    if (frame.welcome) {
      this.secret = frame.welcome.secret
      this.events.welcomed(frame.welcome, this.url)
      this.become('open')
    }
    this.events.frame(frame)
    if (++this.healthy !== healthyFrames) return
    this.faults = 0
    this.backoff.reset()
  }

  private ended(end: End): void {
    if (end.error.code === 'malformed') {
      this.faults++
      this.events.broken()
    }
    const again = end.resumable && this.secret !== '' && this.faults < maxFaults
    if (!again || end.code === CloseCode.resumeRefused) return this.end(end.error)
    this.become('reconnecting', end.error)
    const wait = this.backoff.next(this.env.now(), this.env.random(), end.retryMs)
    this.cancelRetry = this.env.after(wait, () => this.dial(`resume.${this.secret}`))
  }

  private end(why: RoomError): void {
    if (this.state === 'closed') return
    this.cancelRetry()
    this.conn?.close()
    this.become('closed', why)
  }

  private become(state: ConnState, why?: RoomError): void {
    if (this.state === state) return
    this.state = state
    this.events.state(state, why)
  }
}
