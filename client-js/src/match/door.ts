// Rooms are opened by the join of roomtick.js, which asks for a seat with env.post and looks
// for the one from before a reload in env.storage. Here both are replaced, so that nothing
// of it is in this module twice.

import { type AnyGame, type Env, join, type Room } from '../index.js'

/** How a room is come to: who keeps its seat, and who asks for a new one. */
export interface Door {
  /**
   * Sets seats of different doors apart in the tab's storage: a seat in one room is not
   * taken for one in another. Read whenever the storage is.
   */
  name(): string
  /** Whether a seat from before a reload will do. */
  readonly again: boolean
  post: Env['post']
}

/** Joins a room through a door. */
export function enter<G extends AnyGame>(
  env: Env,
  game: string,
  door: Door,
  more: Parameters<typeof join>[1] = {},
): Promise<Room<G>> {
  const kept = (key: string) => `${key}.${door.name()}`
  const storage: Env['storage'] = {
    getItem: (key) => (door.again ? env.storage.getItem(kept(key)) : null),
    setItem: (key, value) => env.storage.setItem(kept(key), value),
    removeItem: (key) => env.storage.removeItem(kept(key)),
  }
  const own: Partial<Env> = { storage, post: door.post }
  return join<G>(game, { ...more, env: Object.assign(Object.create(env) as Env, own) })
}

/** An answer to env.post that no server gave. */
export function answerOf(status: number, body: unknown): Awaited<ReturnType<Env['post']>> {
  return { ok: status < 300, status, headers: new Headers(), json: () => Promise.resolve(body) }
}
