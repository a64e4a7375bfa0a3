import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createParty, joinParty, queue } from '../src/match/index.js'
import { settle } from './env.js'
import { arrived, MatchEnv, problem, Stream, yes } from './matchmaker.js'
import { failure, one, type Pond } from './seated.js'
import { snapshot, welcome } from './server.js'

const ticket = { ticket: 't-1', secret: 's-1', expires: '2026-01-01T00:00:00Z' }
const waiting = { state: 'waiting', version: 1, waiting: 4, waited: 0.5, estimate: 12 }
const matched = { state: 'matched', version: 3, team: 2, url: 'wss://play.example/n/b/v1/rooms/r/ws', token: 'tok-q' }

/** An Env whose server takes tickets and tells of them by a stream. */
function queued(): { env: MatchEnv; stream: Stream } {
  const env = new MatchEnv()
  const stream = new Stream()
  env.on('POST /v1/tickets', yes(ticket))
  env.on('GET /v1/tickets/t-1/events', stream.answer)
  return { env, stream }
}

test('a ticket waits, tells how long it may take, and ends in the room of its match', async () => {
  const { env, stream } = queued()
  const seen: string[] = []
  const mine = await queue<Pond>('pond', 'duel', {
    env,
    name: 'Ada',
    latencies: { eu: 20 },
    onUpdate: (t) => seen.push(`${t.state} ${t.estimate}`),
  })
  assert.deepEqual(env.asked[0]?.body, { game: 'pond', queue: 'duel', name: 'Ada', latencies: { eu: 20 } })
  assert.ok(env.asked[0]?.headers['Idempotency-Key'])
  await arrived()
  assert.equal(env.asked[1]?.headers['Ticket-Secret'], 's-1')
  await stream.tell(waiting)
  assert.deepEqual([mine.state, mine.estimate, mine.waiting, mine.waited], ['waiting', 12, 4, 0.5])
  await stream.tell(matched)
  assert.equal(env.socket.url, matched.url)
  assert.deepEqual(env.socket.protocols, ['roomtick.v1', 'seat.tok-q'])
  env.socket.open()
  env.socket.receive(welcome())
  env.socket.receive(snapshot(one))
  assert.equal((await mine.room).connState, 'open')
  assert.deepEqual(seen, ['waiting 12', 'matched undefined'])
  assert.equal(mine.team, 2)
  await settle()
  assert.deepEqual([...env.stored.keys()], ['roomtick.seat.pond.queue.duel'])

  const reloaded = env.reload()
  void queue<Pond>('pond', 'duel', { env: reloaded }).catch(() => {})
  await settle()
  assert.deepEqual(reloaded.socket.protocols, ['roomtick.v1', 'resume.secret-1'])
  assert.equal(reloaded.asked.length, 0)
})

test('a match that was found is accepted or declined', async () => {
  const { env, stream } = queued()
  const found = { state: 'found', version: 2, deadline: '2026-01-01T00:00:15Z', accepted: 0, players: 1 }
  env.on('POST /v1/tickets/t-1/accept', yes({ ...found, version: 3, accepted: 1 }))
  env.on('POST /v1/tickets/t-1/decline', yes({ state: 'cancelled', version: 4, why: 'declined' }))
  const mine = await queue('pond', 'duel', { env })
  await arrived()
  await stream.tell(found)
  assert.equal(mine.state, 'found')
  assert.equal(mine.deadline?.toISOString(), '2026-01-01T00:00:15.000Z')
  await mine.accept()
  assert.equal(mine.accepted, 1)
  await stream.tell(found) // older than what we know
  assert.equal(mine.accepted, 1)
  await mine.decline()
  const error = await failure(mine.room)
  assert.deepEqual([error.code, error.reason, mine.state], ['cancelled', 'declined', 'cancelled'])
  assert.equal(env.stored.size, 0)
})

test('a ticket is cancelled by its signal', async () => {
  const { env } = queued()
  env.on('DELETE /v1/tickets/t-1', yes({ state: 'cancelled', version: 2, why: 'cancelled' }))
  const leaving = new AbortController()
  const mine = await queue('pond', 'duel', { env, signal: leaving.signal })
  leaving.abort()
  await arrived()
  assert.equal((await failure(mine.room)).code, 'cancelled')
  assert.equal(env.asked.at(-1)?.headers['Ticket-Secret'], 's-1')
  await mine.cancel() // nothing more to leave
  assert.equal(env.count('DELETE', '/v1/tickets'), 1)
})

test('a reload waits on with its ticket, a duplicated tab takes another', async () => {
  const { env } = queued()
  await queue('pond', 'duel', { env })
  const reloaded = env.reload()
  reloaded.on('GET /v1/tickets/t-1', yes(waiting))
  await queue('pond', 'duel', { env: reloaded })
  assert.equal(reloaded.count('POST', '/v1/tickets'), 0)
  assert.equal(reloaded.asked[0]?.headers['Ticket-Secret'], 's-1')

  const copy = new MatchEnv(env.locks)
  for (const [key, value] of env.stored) copy.stored.set(key, value)
  copy.on('POST /v1/tickets', yes({ ...ticket, ticket: 't-2' }))
  await queue('pond', 'duel', { env: copy })
  assert.equal(copy.count('POST', '/v1/tickets'), 1)
})

test('a reload whose ticket is no more takes another', async () => {
  const { env } = queued()
  await queue('pond', 'duel', { env })
  for (const answer of [problem(404, { code: 'unknown-ticket' }), yes({ state: 'expired', version: 9 })]) {
    const reloaded = env.reload()
    reloaded.on('GET /v1/tickets/t-1', answer)
    reloaded.on('POST /v1/tickets', yes({ ...ticket, ticket: 't-2' }))
    await queue('pond', 'duel', { env: reloaded })
    assert.equal(reloaded.count('POST', '/v1/tickets'), 1)
  }
})

test('a stream that was cut is opened again', async () => {
  const { env, stream } = queued()
  const mine = await queue('pond', 'duel', { env })
  await arrived()
  await stream.tell(waiting)
  const next = new Stream()
  env.on('GET /v1/tickets/t-1/events', () => Promise.reject(new TypeError('network')), next.answer)
  await stream.end()
  await env.run(3000)
  await arrived()
  assert.equal(env.count('GET', '/v1/tickets/t-1/events'), 3)
  await next.tell({ ...waiting, version: 2, estimate: 3 })
  assert.equal(mine.estimate, 3)
})

test('where streams do not come through, the ticket is asked for', async () => {
  const { env } = queued()
  const polls: string[] = []
  env.on('GET /v1/tickets/t-1', ({ path }) => {
    polls.push(path)
    return polls.length === 1 ? yes(waiting)(undefined as never) : new Promise(() => {})
  })
  const mine = await queue('pond', 'duel', { env })
  await arrived()
  assert.equal(mine.waiting, 0)
  env.pass(7000) // nothing is heard
  await arrived()
  await env.run(2000)
  await arrived()
  assert.equal(mine.waiting, 4)
  assert.deepEqual(polls.slice(0, 1), ['/v1/tickets/t-1?wait=25&after=0'])
  await env.run(2000)
  await arrived()
  assert.equal(polls[1], '/v1/tickets/t-1?wait=25&after=1')
})

test('where too many of an address watch, the ticket is asked for at once', async () => {
  for (const code of ['too-many-watching', 'too-many-requests']) {
    const { env } = queued()
    env.on('GET /v1/tickets/t-1', yes(waiting), () => new Promise(() => {}))
    const status = code === 'too-many-watching' ? 503 : 429
    env.on('GET /v1/tickets/t-1/events', problem(status, { code }, { 'Retry-After': '10' }))
    const mine = await queue('pond', 'duel', { env })
    await env.run(500)
    await arrived()
    assert.equal(mine.waiting, 4)
    assert.equal(env.count('GET', '/v1/tickets/t-1/events'), 1)
  }
})

test('a ticket that the server does not know ends the wait, and so does one that expires', async () => {
  const { env } = queued()
  env.on('GET /v1/tickets/t-1/events', problem(404, { code: 'unknown-ticket', detail: 'Gone.' }))
  const mine = await queue('pond', 'duel', { env })
  await arrived()
  assert.equal((await failure(mine.room)).code, 'unknown-ticket')
  const { env: late, stream } = queued()
  const other = await queue('pond', 'duel', { env: late })
  await arrived()
  await stream.tell({ state: 'expired', version: 2 })
  assert.equal((await failure(other.room)).code, 'expired')
  assert.equal(late.stored.size, 0)
})

test('a queue that there is not rejects with the hint of the server', async () => {
  const env = new MatchEnv()
  env.on('POST /v1/tickets', problem(404, { code: 'unknown-queue', hint: 'It has: duel.' }))
  const error = await failure(queue('pond', 'chess', { env }))
  assert.deepEqual([error.code, error.hint], ['unknown-queue', 'It has: duel.'])
})

test('a party queues by its leader, and its others follow the same ticket', async () => {
  const { env } = queued()
  env.on('POST /v1/parties', yes({ party: '7KX0QM', secret: 'lead', members: ['Ada'] }))
  env.on('GET /v1/parties/7KX0QM', yes({ party: '7KX0QM', members: ['Ada', 'Grace'] }))
  const party = await createParty('pond', { env, name: 'Ada' })
  await queue('pond', 'duel', { env, party })
  const asked = env.asked.find((a) => a.path === '/v1/tickets')
  assert.deepEqual(asked?.body, { game: 'pond', queue: 'duel', party: '7KX0QM' })
  assert.equal(asked?.headers['Ticket-Secret'], 'lead')
  assert.deepEqual(party.members, ['Ada', 'Grace'])

  const other = new MatchEnv()
  const said = { party: '7KX0QM', members: ['Ada', 'Grace'], ticket: 't-1', queue: 'duel' }
  other.on('POST /v1/parties/join', yes({ ...said, secret: 'follow' }))
  other.on('GET /v1/parties/7KX0QM', yes(said))
  other.on('GET /v1/tickets/t-1', yes(waiting))
  const joined = await joinParty('7KX0QM', { env: other, name: 'Grace' })
  await queue('pond', 'duel', { env: other, party: joined })
  assert.equal(other.count('POST', '/v1/tickets'), 0)
  await arrived()
  const [watched] = other.asked.filter((a) => a.path === '/v1/tickets/t-1/events')
  assert.equal(watched?.headers['Ticket-Secret'], 'follow')
})

/** An Env of a party member whose party, known by the code 7KX0QM, waits with the ticket t-1. */
async function following() {
  const { env, stream } = queued()
  const said = { party: '7KX0QM', members: ['Ada', 'Grace'], ticket: 't-1', queue: 'duel' }
  env.on('POST /v1/parties/join', yes({ ...said, secret: 'follow' }))
  env.on('GET /v1/parties/7KX0QM', yes(said))
  env.on('GET /v1/tickets/t-1', yes(waiting))
  return { env, stream, said, party: await joinParty('7KX0QM', { env, name: 'Grace' }) }
}

test('a party whose ticket has had its match queues again, and its others follow the next ticket', async () => {
  const { env, stream, said, party } = await following()
  const first = await queue<Pond>('pond', 'duel', { env, party })
  await arrived()
  await stream.tell(matched)
  env.socket.open()
  env.socket.receive(welcome())
  env.socket.receive(snapshot(one))
  const room = await first.room
  room.leave()
  env.on('GET /v1/tickets/t-1', yes(matched)) // its token is used
  assert.deepEqual([(await party.look()).ticket, party.queue], [undefined, undefined])
  env.on('POST /v1/tickets', yes({ ...ticket, ticket: 't-2', secret: undefined }))
  await queue<Pond>('pond', 'duel', { env, party })
  await arrived()
  const [led] = env.asked.filter((a) => a.path === '/v1/tickets/t-2/events')
  assert.equal(led?.headers['Ticket-Secret'], 'follow')

  env.on('GET /v1/parties/7KX0QM', yes({ ...said, ticket: 't-2' }))
  env.on('GET /v1/tickets/t-2', yes(waiting))
  const { ticket: next } = await party.look()
  assert.equal(next, 't-2')
  const { length } = env.asked
  env.storage.removeItem('roomtick.ticket.pond.duel') // a follower has none of its own
  await queue('pond', 'duel', { env, party })
  assert.ok(env.asked.slice(length).every(({ method }) => method === 'GET'))
})

test('a party whose last ticket the server has forgotten takes another', async () => {
  const { env, party } = await following()
  env.on('GET /v1/tickets/t-1', problem(404, { code: 'unknown-ticket' }))
  env.on('POST /v1/tickets', yes({ ...ticket, ticket: 't-2' }))
  await queue('pond', 'duel', { env, party })
  assert.equal(env.count('POST', '/v1/tickets'), 1)
  env.on('GET /v1/tickets/t-1', problem(403, { code: 'banned' }))
  assert.equal((await failure(party.waits('duel'))).code, 'banned')
})

test('who is not on the ticket that it follows has no seat in its match', async () => {
  const { env, stream, party } = await following()
  const mine = await queue('pond', 'duel', { env, party })
  await arrived()
  await stream.tell({ ...matched, token: undefined })
  assert.equal((await failure(mine.room)).code, 'not-yours')
})

test('who follows the ticket of a party waits on with it after a reload', async () => {
  const { env, party } = await following()
  await queue('pond', 'duel', { env, party })
  const reloaded = env.reload()
  reloaded.on('GET /v1/tickets/t-1', yes(waiting))
  await queue('pond', 'duel', { env: reloaded })
  assert.equal(reloaded.count('POST', '/v1/tickets'), 0)
  assert.equal(reloaded.asked[0]?.headers['Ticket-Secret'], 'follow')
})
