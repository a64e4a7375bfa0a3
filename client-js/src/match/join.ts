import type { AnyGame, Room, UntypedGame } from '../index.js'
import { enter } from './door.js'
import { latenciesOf } from './latency.js'
import { type AskOptions, Server } from './server.js'

/** What rooms and players say of themselves. */
export type Properties = Readonly<Record<string, string | number | boolean>>

/** What a room's properties must be: a value, one of several, or within bounds. */
export type Filter = Readonly<
  Record<
    string,
    | string
    | number
    | boolean
    | { readonly in: readonly (string | number | boolean)[] }
    | { readonly min?: number; readonly max?: number }
  >
>

/** Milliseconds to each region. */
export type Latencies = Readonly<Record<string, number>>

/** Everything that POST /v1/match takes; docs/matchmaking.md says what it does. */
export interface MatchOptions extends AskOptions {
  /** The player's name, as others see it; that of your login comes first. */
  readonly name?: string
  readonly mode?: string
  readonly region?: string
  readonly build?: string
  readonly filter?: Filter
  readonly sort?: 'fill' | 'age' | 'latency'
  /** For sort: 'latency'; left out, they are measured. */
  readonly latencies?: Latencies
  /** This public room and no other. */
  readonly room?: string
  /** The private room of this code. */
  readonly code?: string
  /** Of the room to join, or with create of the new one. */
  readonly password?: string
  /** To watch without a seat, a little behind, if the game lets anybody. */
  readonly spectate?: boolean
  /** A new room, made for this. */
  readonly create?: boolean
  /** With create: in no list, entered by the code of the room. */
  readonly private?: boolean
  /** With create: false lets nobody in once the match has begun. */
  readonly lateJoin?: boolean
  /** With create: players by the sub of their tokens, for each of whom a seat is kept. */
  readonly reserve?: readonly string[]
  /** With create: for the game's Create. */
  readonly options?: unknown
  readonly properties?: Properties
}

/** A room and, if it is private, the code that others enter it by. */
export type Joined<G extends AnyGame> = Room<G> & { readonly code: string | undefined }

/**
 * Joins a room as the join of roomtick.js does, with a choice of the room and a login. An
 * attempt that was not answered is repeated under its Idempotency-Key, so that it holds one
 * seat. A reload finds the seat again, also in the room that create has made, if it then
 * asks for that room's code.
 */
export async function join<G extends AnyGame = UntypedGame>(
  game: string,
  asked: MatchOptions = {},
): Promise<Joined<G>> {
  const { url, auth: _, env: __, name, spectate, ...wish } = asked
  const server = new Server(asked)
  let code = asked.code
  let key = server.key()
  const room = await enter<G>(
    server.env,
    game,
    {
      name: () => doorOf(code, asked),
      again: !asked.create,
      post: async (_, asking) => {
        const near = asked.sort === 'latency' && !asked.latencies && { latencies: await latenciesOf(server) }
        const answer = await server.send('POST', '/v1/match', { body: { ...(asking as object), ...near }, key })
        key = server.key() // that one was answered: whoever asks again wants another seat
        const said = (await answer.json().catch(() => ({}))) as { code?: string }
        if (answer.ok) code = said.code ?? code
        return { ok: answer.ok, status: answer.status, headers: answer.headers, json: () => Promise.resolve(said) }
      },
    },
    { match: wish, ...(url && { url }), ...(name && { name }), ...(spectate && { spectate }) },
  )
  return Object.assign(room, { code })
}

/** Under what the seat is kept. A code may be typed with a dash and in small letters. */
function doorOf(code: string | undefined, { room, mode }: MatchOptions): string {
  if (code) return `code.${code.replace(/[^0-9a-z]/gi, '').toUpperCase()}`
  return room ? `room.${room}` : `mode.${mode ?? ''}`
}
