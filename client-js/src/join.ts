import { type Answer, browserEnv, type Env } from './env.js'
import { RoomError } from './errors.js'
import type { AnyGame, UntypedGame } from './game.js'
import { Room } from './room.js'
import type { SavedSeat } from './seat.js'

const tries = 6 // for a new seat: a few seconds in all, unless the server asks for more
const firstMs = 50
const lateMs = 1000
const patienceMs = 10_000 // a server that wants us to wait longer is taken for a no

export interface JoinOptions {
  /** The player's name, as others see it. */
  readonly name?: string
  /** To watch without a seat, a little behind, if the game lets anybody. A lost conn ends it. */
  readonly spectate?: boolean
  /** The server's address; left out, the one this page came from. */
  readonly url?: string
  /** Whatever else the match request takes: mode, region, room. */
  readonly match?: Readonly<Record<string, unknown>>
  /** For tests. */
  readonly env?: Env
}

/**
 * Joins a room of a game: after a reload the same seat, else one that the server finds.
 * Resolves once the first snapshot is there. What may pass soon, such as a lost conn or a
 * busy server, is tried again for some seconds; then it rejects with the last RoomError.
 */
export async function join<G extends AnyGame = UntypedGame>(game: string, options: JoinOptions = {}): Promise<Room<G>> {
  const env = options.env ?? browserEnv()
  const key = `roomtick.${options.spectate ? 'watch' : 'seat'}.${game}`
  const saved = await savedSeat(env, key)
  if (saved) {
    try {
      return await Room.open<G>(env, key, saved)
    } catch {
      // The seat is gone, or its server; a new one is next.
    }
  }
  for (let tried = 1; ; tried++) {
    try {
      return await Room.open<G>(env, key, await requestSeat(env, game, options))
    } catch (error) {
      const wait = error instanceof RoomError ? error.retryMs : undefined
      if (wait === undefined || wait > patienceMs || tried === tries) throw error
      // At random below a bound that doubles, so that many clients do not come at once.
      await new Promise<void>((go) => env.after(wait + env.random() * Math.min(lateMs, firstMs * 2 ** tried), go))
    }
  }
}

/** The seat of this tab from before a reload. */
async function savedSeat(env: Env, key: string): Promise<SavedSeat | undefined> {
  try {
    const stored = env.storage.getItem(key)
    return stored ? await (await env.keeping()).claim(env, stored) : undefined
  } catch {
    return undefined // storage is forbidden, or the module does not come: a new seat is as good
  }
}

/** An answer to the match request: a seat, or an RFC 9457 problem. */
type Said = Readonly<Partial<Record<'url' | 'token' | 'code' | 'detail' | 'hint', string>>>

/** Asks POST /v1/match for a seat. */
async function requestSeat(env: Env, game: string, options: JoinOptions): Promise<{ url: string; token: string }> {
  const base = new URL(options.url ?? '/', env.base)
  const body = { game, name: options.name, spectate: options.spectate, ...options.match }
  const answer = await env.post(new URL('/v1/match', base).href, body).catch(() => {
    throw new RoomError('unreachable', `no answer from ${base.host}`, 'Check the address and that the server runs.', 0)
  })
  const said = (await answer.json().catch(() => ({}))) as Said
  if (!answer.ok) throw problem(answer, said)
  const url = new URL(String(said.url), base)
  url.protocol = url.protocol.replace('http', 'ws')
  return { url: url.href, token: String(said.token) }
}

/** A problem as an error. */
function problem({ status, headers }: Answer, said: Said): RoomError {
  const busy = status === 429 || (status >= 502 && status <= 504)
  return new RoomError(
    said.code ?? `http-${status}`,
    said.detail ?? `the server answered ${status}`,
    said.hint,
    busy ? 1000 * (Number(headers.get('Retry-After')) || 0) : undefined,
  )
}
