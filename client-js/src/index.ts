// The roomtick SDK: join a room, read its state, send inputs and events.

export type { ServerClock } from './clock.js'
export type { Field, FieldKind } from './descriptor.js'
export type { Off } from './emitter.js'
export { browserEnv, type Env, type Socket, type SocketEvents } from './env.js'
export { RoomError } from './errors.js'
export type { AnyGame, RoomEvents, UntypedGame } from './game.js'
export { type JoinOptions, join } from './join.js'
export type { Room } from './room.js'
export type { ConnState } from './session.js'
export type { Entity, Table } from './store.js'
