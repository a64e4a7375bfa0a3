import { browserEnv, type Env } from './env.js'
import { RoomError } from './errors.js'
import { type AnyGame, Room, type UntypedGame } from './room.js'
import { SeatKeeper } from './seat.js'

export interface JoinOptions {
  /** The player's name, as others see it. */
  readonly name?: string
  /** The server's address; left out, the one this page came from. */
  readonly url?: string
  /** Whatever else the match request takes: mode, region, room. */
  readonly match?: Readonly<Record<string, unknown>>
  /** For tests. */
  readonly env?: Env
}

/**
 * Joins a room of a game: after a reload the same seat, else one that the server finds.
 * Resolves once the first snapshot is there; rejects with a RoomError.
 */
export async function join<G extends AnyGame = UntypedGame>(game: string, options: JoinOptions = {}): Promise<Room<G>> {
  const env = options.env ?? browserEnv()
  const keeper = new SeatKeeper(env, game)
  const saved = await keeper.claim()
  if (saved) {
    try {
      return await Room.open<G>(env, saved.url, `resume.${saved.secret}`, keeper)
    } catch {
      keeper.clear() // the seat is gone; a new one is next
    }
  }
  const { url, token } = await requestSeat(env, game, options)
  return Room.open<G>(env, url, `seat.${token}`, keeper)
}

/** Asks POST /v1/match for a seat. */
async function requestSeat(env: Env, game: string, options: JoinOptions): Promise<{ url: string; token: string }> {
  const base = new URL(options.url ?? '/', env.base)
  const body = { game, ...(options.name === undefined ? {} : { name: options.name }), ...options.match }
  const answer = await env.post(new URL('/v1/match', base).href, body).catch(() => {
    throw new RoomError('unreachable', `no answer from ${base.host}`, 'Check the address and that the server runs.')
  })
  const said = (await answer.json().catch(() => ({}))) as Record<string, unknown>
  if (!answer.ok) throw problem(answer.status, said)
  const url = new URL(String(said.url), base)
  url.protocol = url.protocol.replace('http', 'ws')
  return { url: url.href, token: String(said.token) }
}

/** An RFC 9457 problem as an error. */
function problem(status: number, said: Record<string, unknown>): RoomError {
  const text = (key: string) => (typeof said[key] === 'string' ? (said[key] as string) : '')
  return new RoomError(
    text('code') || `http-${status}`,
    text('detail') || `the server answered ${status}`,
    text('hint'),
  )
}
