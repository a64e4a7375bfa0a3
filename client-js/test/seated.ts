import assert from 'node:assert/strict'
import { RoomError } from '../src/errors.js'
import { join } from '../src/join.js'
import type { Room } from '../src/room.js'
import type { Entity, Table } from '../src/store.js'
import { FakeEnv, type FakeSocket, json, settle } from './env.js'
import { ducks, keyframe, resting, type SnapshotOptions, snapshot, welcome } from './server.js'

/** The types of pond. */
export interface Pond {
  state: { ducks: Table<{ hp: number; ammo?: number }>; match: Entity<{ phase: number }> | undefined }
  input: { turn: number; fire: boolean }
  events: { boom: { size: number } }
  sends: { chat: { text: string } }
}

/** What the match request answers. */
export const seat = { room: 'pond-1', url: '/v1/rooms/pond-1/ws', token: 'tok', expires: '2026-01-01T00:00:00Z' }

/** A keyframe of ducks with their hp. */
export const world = (rows: Record<number, number>) =>
  keyframe(0, 0, [ducks(rows), { ids: [1], columns: resting([2]) }])

/** The first snapshot of a conn. */
export const one: SnapshotOptions = { tick: 2, deltas: world({ 7: 100 }) }

/** Joins a room whose server welcomes and sends a first snapshot. */
export async function seated(
  env = new FakeEnv(),
  first = welcome(),
): Promise<{ env: FakeEnv; room: Room<Pond>; states: string[] }> {
  env.answers = [json(200, seat)]
  const joining = join<Pond>('pond', { name: 'Ada', env })
  await settle()
  env.socket.open()
  env.socket.receive(first)
  env.socket.receive(snapshot(one))
  const room = await joining
  await settle() // the keeper is here
  const states: string[] = []
  room.on('state', (s) => states.push(s))
  return { env, room, states }
}

/** Takes the last conn away and lets the client come back; returns the new socket. */
export function cut(env: FakeEnv): FakeSocket {
  env.socket.end()
  env.pass(200)
  env.socket.open()
  return env.socket
}

/** The error of a join; env's time passes until its attempts are used up. */
export async function failure(joining: Promise<unknown>, env?: FakeEnv): Promise<RoomError> {
  for (let i = 0; env && i < 8; i++) {
    await settle()
    env.pass(1000)
  }
  const error = await joining.then(
    () => undefined,
    (e: unknown) => e,
  )
  assert.ok(error instanceof RoomError, `${error}`)
  return error
}
