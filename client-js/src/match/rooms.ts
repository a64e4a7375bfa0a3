import { type Off, RoomError } from '../index.js'
import type { Filter, Latencies, Properties } from './join.js'
import { latenciesOf } from './latency.js'
import { type AskOptions, problemOf, Server } from './server.js'
import { eventsOf } from './stream.js'

/** A public room in the list. */
export interface RoomInfo {
  /** Its id, to join it by. */
  readonly room: string
  readonly game: string
  readonly mode?: string
  readonly region?: string
  readonly build?: string
  /** Seated people, computer players, seats held for people on their way, who watch, and all seats. */
  readonly players: number
  readonly bots: number
  readonly reserved: number
  readonly spectators: number
  readonly max: number
  readonly joinable: boolean
  /** Whether it asks for a password. */
  readonly password: boolean
  readonly properties?: Properties
}

/** Which rooms of a game are in the list. */
export interface ListOptions extends AskOptions {
  readonly mode?: string
  readonly region?: string
  readonly build?: string
  /** Only rooms that take so many people in. */
  readonly free?: number
  readonly filter?: Filter
}

/** The list of public rooms, in the order asked for: at most limit, 1000 if that is left out. */
export async function rooms(
  game: string,
  options: ListOptions & { sort?: 'fill' | 'age' | 'latency'; latencies?: Latencies; limit?: number } = {},
): Promise<readonly RoomInfo[]> {
  const { sort, limit } = options
  const server = new Server(options)
  const latencies = options.latencies ?? (sort === 'latency' ? await latenciesOf(server) : undefined)
  const query = queryOf(game, options, { sort, latencies, limit })
  return (await server.ask<{ rooms: RoomInfo[] }>('GET', `/v1/rooms?${query}`)).rooms
}

/**
 * Keeps the list of public rooms, by id, and calls onChange with it whenever it is another;
 * also across lost conns, until the function returned is called. onError hears what ends it.
 */
export function watchRooms(
  game: string,
  options: ListOptions,
  onChange: (rooms: ReadonlyMap<string, RoomInfo>) => void,
  onError: (error: unknown) => void = () => {},
): Off {
  const server = new Server(options)
  const path = `/v1/rooms/watch?${queryOf(game, options, {})}`
  const stop = new AbortController()
  void follow(server, path, stop.signal, onChange).catch((error: unknown) => {
    if (!stop.signal.aborted) onError(error)
  })
  return () => stop.abort()
}

async function follow(
  server: Server,
  path: string,
  signal: AbortSignal,
  onChange: (rooms: ReadonlyMap<string, RoomInfo>) => void,
): Promise<void> {
  const list = new Map<string, RoomInfo>()
  let lastEvent = ''
  for (let tried = 1; !signal.aborted; tried++) {
    let wait = 0
    try {
      const answer = await server.send('GET', path, { signal, lastEvent })
      if (!answer.ok) throw await problemOf(answer)
      for await (const { event, id, data } of eventsOf(answer)) {
        const said = JSON.parse(data) as { rooms?: RoomInfo[]; room?: RoomInfo; gone?: string }
        if (event === 'list') list.clear()
        for (const info of said.rooms ?? (said.room ? [said.room] : [])) list.set(info.room, info)
        if (said.gone) list.delete(said.gone)
        if (id) {
          lastEvent = id // without one there is more of the list to come
          tried = 0
          onChange(list)
        }
      }
    } catch (error) {
      if (error instanceof RoomError && error.retryMs === undefined) throw error
      wait = (error instanceof RoomError && error.retryMs) || 0
    }
    await server.pause(Math.min(tried, 10), wait)
  }
}

function queryOf(game: string, { mode, region, build, free, filter }: ListOptions, more: object): URLSearchParams {
  const query = new URLSearchParams({ game })
  for (const [key, value] of Object.entries({ mode, region, build, free, filter, ...more })) {
    if (value !== undefined) query.set(key, typeof value === 'object' ? JSON.stringify(value) : String(value))
  }
  return query
}
