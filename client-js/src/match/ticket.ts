import { type AnyGame, type Room, RoomError } from '../index.js'
import { answerOf, enter } from './door.js'
import type { QueueOptions } from './queue.js'
import { problemOf, type Server } from './server.js'
import { eventsOf } from './stream.js'

const quietMs = 7000 // the stream speaks every 2 s: a proxy keeps it back, or the path is gone
const maxWait = 25 // seconds of a long poll

/** waiting until others are there; found: accept or decline; the rest is over. */
export type TicketState = 'waiting' | 'found' | 'matched' | 'cancelled' | 'expired'

/** A ticket as the server tells of it. */
interface Said {
  readonly state: TicketState
  readonly version: number
  readonly waiting?: number
  readonly waited?: number
  readonly estimate?: number
  readonly why?: string
  readonly deadline?: string
  readonly accepted?: number
  readonly players?: number
  readonly team?: number
  readonly role?: string
  readonly url?: string
  readonly token?: string
}

/** Tells whether a ticket is waiting, or has a match that can be entered. */
export async function waits(server: Server, ticket: string, secret: string): Promise<boolean> {
  const path = `/v1/tickets/${encodeURIComponent(ticket)}`
  try {
    const { state, token } = await server.ask<Said>('GET', path, { secret })
    return state === 'waiting' || state === 'found' || (state === 'matched' && token !== undefined)
  } catch (error) {
    if (error instanceof RoomError && error.code === 'unknown-ticket') return false
    throw error
  }
}

/** A place in a queue, kept through lost conns until it is over. */
export class Ticket<G extends AnyGame> {
  state: TicketState = 'waiting'
  /** Seconds that it may still take; undefined if nobody was matched lately. */
  estimate: number | undefined
  /** Tickets in the queue, and the seconds that this one has waited. */
  waiting = 0
  waited = 0
  /** While found: until when to accept, and how many of our ticket have. */
  deadline: Date | undefined
  accepted: number | undefined
  /** Of the match: our team, 1 is the first, and our role. */
  team: number | undefined
  role: string | undefined
  /** Why it was cancelled. */
  why = ''
  /**
   * The room of the match. Rejects with a RoomError whose code is cancelled or expired, or
   * what else has ended the wait.
   */
  readonly room: Promise<Room<G>>
  private version = 0
  private over = false
  private stop = new AbortController() // of the request that follows the ticket
  private done: (room: Room<G> | Promise<Room<G>>) => void = () => {}
  private fail: (error: unknown) => void = () => {}

  private constructor(
    private readonly server: Server,
    private readonly kept: { readonly ticket: string; readonly secret: string },
    private readonly door: { readonly game: string; readonly name: string },
    private readonly options: Pick<QueueOptions<G>, 'onUpdate' | 'signal'>,
    private readonly forget: () => void,
  ) {
    this.room = new Promise((done, fail) => {
      this.done = done
      this.fail = fail
    })
    this.room.catch(() => {}) // the state tells as well: nobody has to wait for the room
  }

  /** A ticket that the server has. */
  static wait<G extends AnyGame>(
    server: Server,
    kept: { readonly ticket: string; readonly secret: string },
    door: { readonly game: string; readonly name: string },
    options: Pick<QueueOptions<G>, 'onUpdate' | 'signal'>,
    forget: () => void,
  ): Ticket<G> {
    const ticket = new Ticket<G>(server, kept, door, options, forget)
    const leave = () => void ticket.cancel().catch((error: unknown) => ticket.end(error))
    if (options.signal?.aborted) leave()
    else options.signal?.addEventListener('abort', leave, { once: true })
    void ticket.watch()
    return ticket
  }

  /** One whose match is being played already. */
  static matched<G extends AnyGame>(server: Server, room: Room<G>, options: QueueOptions<G>): Ticket<G> {
    const ticket = new Ticket<G>(server, { ticket: '', secret: '' }, { game: '', name: '' }, options, () => {})
    ticket.state = 'matched'
    ticket.over = true
    ticket.done(room)
    return ticket
  }

  /** Takes the match that was found. */
  accept(): Promise<void> {
    return this.say('POST', '/accept')
  }

  /** Does not take it, and leaves the queue. */
  decline(): Promise<void> {
    return this.say('POST', '/decline')
  }

  /** Leaves the queue. Nothing happens once it is over. */
  async cancel(): Promise<void> {
    if (!this.over) await this.say('DELETE', '')
  }

  private get path(): string {
    return `/v1/tickets/${encodeURIComponent(this.kept.ticket)}`
  }

  private async say(method: string, what: string): Promise<void> {
    const { secret } = this.kept
    const key = method === 'POST' ? { key: this.server.key() } : {}
    this.hear(await this.server.ask<Said>(method, this.path + what, { secret, ...key }))
  }

  /** Follows the ticket until it is over: by its stream, or by asking if that does not come through. */
  private async watch(): Promise<void> {
    let streams = true
    for (let lost = 0; !this.over; ) {
      const { version } = this
      this.stop = new AbortController()
      try {
        if (streams) streams = await this.listen()
        else await this.poll()
        lost = this.version === version ? lost + 1 : 0
      } catch (error) {
        if (this.over) return
        // A server that restarts or a network that is gone: the ticket is in the directory.
        if (!(error instanceof RoomError) || error.retryMs === undefined) return this.end(error)
        lost++
        await this.server.pause(lost, error.retryMs)
        continue
      }
      if (!this.over) await this.server.pause(Math.min(lost, 4))
    }
  }

  /** Hears the stream out, and tells whether it said anything. */
  private async listen(): Promise<boolean> {
    const { secret } = this.kept
    const { env } = this.server
    const { signal } = this.stop
    let heard = false
    let cancel = env.after(quietMs, () => this.stop.abort())
    try {
      const answer = await this.server.send('GET', `${this.path}/events`, { secret, signal })
      if (!answer.ok) {
        const problem = await problemOf(answer)
        if (answer.status === 429 || problem.code === 'too-many-watching') return false // asking is cheaper
        throw problem
      }
      for await (const { data } of eventsOf(answer)) {
        heard = true
        cancel()
        cancel = env.after(quietMs, () => this.stop.abort())
        this.hear(JSON.parse(data) as Said)
      }
    } catch (error) {
      if (error instanceof RoomError) throw error
      return heard // it was cut, or was quiet for too long
    } finally {
      cancel()
    }
    return heard
  }

  private async poll(): Promise<void> {
    const { secret } = this.kept
    const path = `${this.path}?wait=${maxWait}&after=${this.version}`
    const answer = await this.server.send('GET', path, { secret, signal: this.stop.signal })
    if (!answer.ok) throw await problemOf(answer)
    this.hear((await answer.json()) as Said)
  }

  private hear(said: Said): void {
    if (this.over || said.version < this.version) return
    this.version = said.version
    this.state = said.state
    this.estimate = said.estimate
    this.waiting = said.waiting ?? 0
    this.waited = said.waited ?? this.waited
    this.deadline = said.deadline === undefined ? undefined : new Date(said.deadline)
    this.accepted = said.accepted
    this.team = said.team
    this.role = said.role
    this.why = said.why ?? ''
    if (said.state === 'matched') this.enter(said)
    else if (said.state === 'cancelled' || said.state === 'expired') {
      const why = said.state === 'expired' ? 'nobody was found in time' : said.why || 'the ticket was cancelled'
      this.end(new RoomError(said.state, why, 'Queue again.'))
    } else this.options.onUpdate?.(this)
  }

  /** The match is there: joins its room by our seat token. */
  private enter({ url, token }: Said): void {
    if (!token) return this.end(new RoomError('not-yours', 'the match has no seat for us', 'Queue again.'))
    const { env } = this.server
    const { game, name } = this.door
    const post = () => Promise.resolve(answerOf(200, { url, token }))
    const room = enter<G>(env, game, { name: () => name, again: false, post }, { url: this.server.base.href })
    this.done(room)
    void room.then(this.forget, this.forget)
    this.close()
  }

  private end(error: unknown): void {
    if (this.over) return
    this.forget()
    this.fail(error)
    this.close()
  }

  private close(): void {
    this.over = true
    this.stop.abort()
    this.options.onUpdate?.(this)
  }
}
