// The examples of docs/matchmaking.md: compiled with the tests, and found there by the
// test of that page.

import type { Room } from '../src/index.js'
import { createParty, join, joinParty, queue, rooms, watchRooms } from '../src/match/index.js'

export async function ofOnesOwn(myLogin: () => Promise<string>): Promise<void> {
  const room = await join('arena', {
    name: 'Ada',
    create: true,
    private: true,
    filter: { map: { in: ['dust', 'ice'] }, level: { min: 3 } },
    auth: () => myLogin(),
  })
  console.log(`tell your friends: ${room.code}`)
}

export async function choose(show: (text: string) => void): Promise<Room | undefined> {
  const near = await rooms('arena', { filter: { map: 'ice' }, free: 2, sort: 'latency', limit: 20 })
  const stop = watchRooms(
    'arena',
    { mode: 'duel' },
    (list) => show([...list.values()].map((r) => `${r.players} of ${r.max}`).join(', ')),
    (error) => show(`no list: ${error}`),
  )
  stop()
  return near[0] && (await join('arena', { room: near[0].room }))
}

export async function wait(leaving: AbortSignal, show: (text: string) => void): Promise<Room> {
  const ticket = await queue('arena', 'duel', {
    name: 'Ada',
    signal: leaving,
    onUpdate: (t) => {
      if (t.state === 'waiting') show(`${t.waiting} wait, about ${t.estimate ?? '?'} s to go`)
      if (t.state === 'found') void t.accept()
    },
  })
  const room = await ticket.room
  return room
}

export async function together(code: string, show: (text: string) => void): Promise<void> {
  const party = await createParty('arena', { name: 'Ada' })
  show(party.code)
  const ticket = await queue('arena', 'ranked', { party })
  await ticket.room

  const joined = await joinParty(code, { name: 'Grace' })
  while ((await joined.look()).queue !== 'ranked') await new Promise((again) => setTimeout(again, 2000))
  const same = await queue('arena', 'ranked', { party: joined })
  await same.room
}
