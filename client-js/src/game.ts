import type { RoomError } from './errors.js'
import type { SentInput } from './inputs.js'
import type { Values } from './payload.js'
import type { ConnState } from './session.js'
import type { Table } from './store.js'

/** What `join<Game>` needs to know of a game's types. */
export interface AnyGame {
  /** Tables by name, and the entities of singles. */
  state: object
  input: object
  /** Events of the server by name. */
  events: object
  /** Events to the server by name. */
  sends: object
}

/** A game whose types are not declared. */
export interface UntypedGame extends AnyGame {
  state: Record<string, Table>
  input: Values
  events: Record<string, Values>
  sends: Record<string, Values>
}

/** What a room tells its listeners. */
export interface RoomEvents {
  /** A snapshot was applied: its tick. */
  tick: number
  state: ConnState
  /** As state, for what the SDK itself does about it. */
  conn: ConnState
  /** An input was sent. */
  input: SentInput
  /** Why the conn was lost or the room closed. */
  error: RoomError
}
