// Matchmaking: a choice of the room, private rooms, queues and parties. A module of its own
// beside roomtick.js, to be loaded when a player asks for it.

export { type Filter, type Joined, join, type Latencies, type MatchOptions, type Properties } from './join.js'
export { latencies } from './latency.js'
export { createParty, joinParty, type Party } from './party.js'
export { type PlayerOptions, type QueueOptions, queue } from './queue.js'
export { type ListOptions, type RoomInfo, rooms, watchRooms } from './rooms.js'
export type { AskOptions } from './server.js'
export type { Ticket, TicketState } from './ticket.js'
