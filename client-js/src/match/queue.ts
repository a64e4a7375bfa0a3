import { type AnyGame, RoomError, type UntypedGame } from '../index.js'
import { browserTab } from '../tab.js'
import { answerOf, enter } from './door.js'
import type { Latencies, Properties } from './join.js'
import { latenciesOf } from './latency.js'
import type { Party } from './party.js'
import { type AskOptions, Server } from './server.js'
import { Ticket, waits } from './ticket.js'

/** What a player says for a queue or a party. */
export interface PlayerOptions extends AskOptions {
  /** The player's name, as others see it; that of your login comes first. */
  readonly name?: string
  /** That the player would take, the dearest first; left out, any. */
  readonly roles?: readonly string[]
  /** Left out, they are measured if the server knows of regions. */
  readonly latencies?: Latencies
  /** Players, by the sub of their tokens, not to be matched with. */
  readonly avoid?: readonly string[]
  /** Only where nobody is asked who they are; else it is the login's claim skill. */
  readonly skill?: { readonly mu: number; readonly sigma?: number }
  /** What the game's own rules look at. */
  readonly properties?: Properties
}

export interface QueueOptions<G extends AnyGame = UntypedGame> extends PlayerOptions {
  /**
   * The party that queues: what the rest says of a player is then not looked at. Its leader
   * takes the ticket; the others call this too once the party has queued.
   */
  readonly party?: Party
  /** Called whenever something of the ticket has changed. */
  readonly onUpdate?: (ticket: Ticket<G>) => void
  /** Aborting it leaves the queue. */
  readonly signal?: AbortSignal
}

/** What a ticket is looked at with. */
interface Kept {
  readonly ticket: string
  readonly secret: string
}

/** What is kept of a ticket in the tab, so that a reload waits on. */
interface SavedTicket extends Kept {
  readonly lock: string
}

/**
 * Waits in a queue of a game. Resolves once the server has taken the ticket; its room is
 * there when the match is. After a reload it is the same ticket, or the seat in the match.
 */
export async function queue<G extends AnyGame = UntypedGame>(
  game: string,
  name: string,
  options: QueueOptions<G> = {},
): Promise<Ticket<G>> {
  const server = new Server(options)
  const { env } = server
  const { party } = options
  const store = `roomtick.ticket.${game}.${name}`
  const door = { game, name: `queue.${name}` }
  const seated = await savedRoom<G>(server, door)
  if (seated) return Ticket.matched(server, seated, options)
  let kept: Kept | undefined = await savedTicket(server, store)
  if (!kept) {
    kept = (await party?.waits(name)) ?? (await newTicket(server, game, name, options))
    save(server, store, kept)
  }
  const { ticket } = kept
  const forget = () => {
    env.storage.removeItem(store)
    if (party) party.over = ticket
  }
  return Ticket.wait(server, kept, door, options, forget)
}

async function newTicket(
  server: Server,
  game: string,
  queue: string,
  options: PlayerOptions & { readonly party?: Party },
): Promise<Kept> {
  const { party } = options
  const { ticket, secret } = await server.ask<{ ticket: string; secret?: string }>('POST', '/v1/tickets', {
    body: party ? { game, queue, party: party.code } : { game, queue, ...(await playerOf(server, options)) },
    key: server.key(),
    secret: party?.secret,
  })
  return { ticket, secret: secret ?? party?.secret ?? '' }
}

/** What of the options is the player. */
export async function playerOf(server: Server, options: PlayerOptions): Promise<object> {
  const { name, roles, avoid, skill, properties } = options
  const latencies = options.latencies ?? (await latenciesOf(server))
  const measured = Object.keys(latencies).length > 0 && { latencies }
  return { name, roles, ...measured, avoid, skill, properties }
}

/** The room of a match that this tab played in before a reload. */
async function savedRoom<G extends AnyGame>({ env }: Server, door: { game: string; name: string }) {
  const gone = () => Promise.resolve(answerOf(410, { code: 'no-seat' }))
  return enter<G>(env, door.game, { name: () => door.name, again: true, post: gone }).catch((error: unknown) => {
    if (error instanceof RoomError) return undefined
    throw error
  })
}

/** The ticket of this tab from before a reload, unless a duplicate of the tab is who asks. */
async function savedTicket(server: Server, store: string): Promise<SavedTicket | undefined> {
  const { env } = server
  try {
    const { ticket, secret, lock } = JSON.parse(env.storage.getItem(store) ?? '{}') as Partial<SavedTicket>
    if (!ticket || secret === undefined || !lock) return undefined
    const held = await (env.tab ?? browserTab).hold(lock)
    return held && (await waits(server, ticket, secret)) ? { ticket, secret, lock } : undefined
  } catch {
    return undefined // forbidden storage, or a ticket that is no more: a new one is as good
  }
}

function save({ env }: Server, store: string, kept: Kept): void {
  const lock = `${store}.${env.random().toString(36).slice(2)}`
  void (env.tab ?? browserTab).hold(lock)
  try {
    env.storage.setItem(store, JSON.stringify({ ...kept, lock }))
  } catch {
    // Storage that is full or forbidden costs the ticket on reload, nothing now.
  }
}
