import { type PlayerOptions, playerOf } from './queue.js'
import { Server } from './server.js'
import { waits } from './ticket.js'

/** A party as the server tells of it. */
interface Said {
  readonly party: string
  readonly secret?: string
  readonly members: readonly string[]
  readonly ticket?: string
  readonly queue?: string
}

/** People who queue together. The first member leads: their queue() takes the party along. */
export class Party {
  /** Names; the first leads. As of the last look. */
  members: readonly string[]
  /** The ticket that the party waits with, or has its match by, and its queue. As of the last look. */
  ticket: string | undefined
  queue: string | undefined
  /** What others join by. */
  readonly code: string
  /** Shows that we are a member; empty for who has a login. */
  readonly secret: string
  /** The last ticket whose wait has ended for us: the party's next one is another. Set by queue(). */
  over: string | undefined

  constructor(
    private readonly server: Server,
    said: Said,
  ) {
    this.code = said.party
    this.secret = said.secret ?? ''
    this.members = said.members
    this.ticket = said.ticket
    this.queue = said.queue
  }

  /** Asks who is in the party and whether it has queued. */
  async look(): Promise<this> {
    const said = await this.server.ask<Said>('GET', `/v1/parties/${this.code}`, { secret: this.secret })
    const over = said.ticket === this.over
    this.members = said.members
    this.ticket = over ? undefined : said.ticket
    this.queue = over ? undefined : said.queue
    return this
  }

  /** The ticket that the party waits with in a queue, if it does. */
  async waits(queue: string): Promise<{ ticket: string; secret: string } | undefined> {
    const { ticket, secret } = await this.look()
    if (!ticket || this.queue !== queue) return undefined
    return (await waits(this.server, ticket, secret)) ? { ticket, secret } : undefined
  }

  /** Leaves the party; its ticket leaves its queue. */
  async leave(): Promise<void> {
    await this.server.ask('DELETE', `/v1/parties/${this.code}`, { secret: this.secret })
  }
}

/** Makes a party of one, to be joined by its code. */
export async function createParty(game: string, options: PlayerOptions = {}): Promise<Party> {
  const server = new Server(options)
  const body = { game, ...(await playerOf(server, options)) }
  return new Party(server, await server.ask<Said>('POST', '/v1/parties', { body, key: server.key() }))
}

/** Joins a party by its code. */
export async function joinParty(code: string, options: PlayerOptions = {}): Promise<Party> {
  const server = new Server(options)
  const body = { code, ...(await playerOf(server, options)) }
  return new Party(server, await server.ask<Said>('POST', '/v1/parties/join', { body, key: server.key() }))
}
