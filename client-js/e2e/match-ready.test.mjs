// Ready checks and parties in a real browser: the arena's queue ranked, three against three.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { accept, Crowd, join, queue, roomOf, ticketIs, visit } from './arrivals.mjs'
import { inRoom, patience, startBrowser, startServer, until } from './rig.mjs'

const timeout = 4 * patience
let browser

before(
  async () => {
    browser = await startBrowser()
  },
  { timeout },
)

after(() => browser?.close())

/**
 * A test with a server of its own: who has no page never comes to a match, and the queue would
 * fill up that room with the players of the next test.
 */
const onServer = (name, play) =>
  test(name, { timeout }, async () => {
    const server = await startServer('-bots', '0')
    try {
      await play({
        server,
        visit: () => visit(browser, server.url),
        crowd: (size) => new Crowd(server.url).queue('ranked', size),
      })
    } finally {
      await server.stop()
    }
  })

async function leave(...tabs) {
  assert.deepEqual(
    tabs.flatMap(({ errors }) => errors),
    [],
  )
  for (const tab of tabs) await tab.close()
}

const createParty = ({ page }, name) =>
  page.evaluate(async (asked) => {
    const { createParty } = await import('/match.js')
    window.party = await createParty('arena', { name: asked })
    return window.party.code
  }, name)

const joinParty = ({ page }, code, name) =>
  page.evaluate(
    async ([party, asked]) => {
      const { joinParty } = await import('/match.js')
      window.party = await joinParty(party, { name: asked })
      return [...window.party.members]
    },
    [code, name],
  )

onServer('a party queues, everybody accepts, and it plays in one team', async ({ visit, crowd }) => {
  const [ada, grace] = [await visit(), await visit()]
  const code = await createParty(ada, 'Ada')
  assert.match(code, /^[0-9A-Z]{6}$/)
  assert.deepEqual(await joinParty(grace, code.toLowerCase(), 'Grace'), ['Ada', 'Grace'])
  await queue(ada, 'ranked')
  await ticketIs(ada, 'waiting')
  await until(grace.page, async () => (await window.party.look()).queue === 'ranked')
  await queue(grace, 'ranked')
  const [single, others] = [await crowd(1), await crowd(3)]
  for (const tab of [ada, grace]) await ticketIs(tab, 'found')
  const deadline = await ada.page.evaluate(() => window.ticket.deadline.getTime())
  assert.equal(await grace.page.evaluate(() => window.ticket.deadline.getTime()), deadline)
  await accept(grace)
  await until(ada.page, () => window.ticket.accepted === 1)
  assert.equal(await ada.page.evaluate(() => window.ticket.state), 'found')
  await Promise.all([accept(ada), single.accept(), others.accept()])
  for (const { page } of [ada, grace]) await until(page, inRoom)
  assert.equal(await roomOf(ada), await roomOf(grace))
  const [mine, hers] = [
    await ada.page.evaluate(() => window.ticket.team),
    await grace.page.evaluate(() => window.ticket.team),
  ]
  assert.equal(mine, hers)
  const [ours, theirs] = [await single.until('matched'), await others.until('matched')]
  assert.deepEqual([ours.team, ours.room], [mine, await roomOf(ada)])
  assert.deepEqual([theirs.team, theirs.room], [3 - mine, ours.room])
  await until(ada.page, () => window.room.state.ships.size === 2) // who has no page does not come
  for (const { page } of [ada, grace]) await page.evaluate(() => window.room.leave())
  const played = await ada.page.evaluate(() => window.party.look().then(({ ticket }) => ticket))
  assert.equal(played, undefined)
  await queue(ada, 'ranked')
  await until(grace.page, async () => (await window.party.look()).queue === 'ranked')
  await queue(grace, 'ranked')
  for (const tab of [ada, grace]) await ticketIs(tab, 'waiting')
  await grace.page.evaluate(() => window.ticket.cancel())
  await until(ada.page, () => window.refused === 'cancelled')
  await leave(ada, grace)
})

onServer('when one declines the others wait on, and the next match is theirs', async ({ visit, crowd }) => {
  const ada = await visit()
  await queue(ada, 'ranked', { name: 'Ada' })
  const [pair, three] = [await crowd(2), await crowd(3)]
  await ticketIs(ada, 'found')
  await pair.decline()
  await ticketIs(ada, 'waiting')
  assert.equal(await ada.page.evaluate(() => window.ticket.accepted), undefined)
  assert.match((await pair.until('cancelled')).why, /declined/)
  const other = await crowd(2)
  await ticketIs(ada, 'found')
  await Promise.all([accept(ada), three.accept(), other.accept()])
  await until(ada.page, inRoom)
  assert.deepEqual(await ada.page.evaluate(() => window.updates.filter((s, i, all) => s !== all[i - 1])), [
    'waiting',
    'found',
    'waiting',
    'found',
    'matched',
  ])
  await leave(ada)
})

onServer('who declines leaves the queue, and nobody else does', async ({ visit, crowd }) => {
  const grace = await visit()
  await queue(grace, 'ranked', { name: 'Grace' })
  const [more, most] = [await crowd(2), await crowd(3)]
  await ticketIs(grace, 'found')
  await grace.page.evaluate(() => window.ticket.decline())
  await until(grace.page, () => window.refused === 'cancelled')
  assert.match(await grace.page.evaluate(() => window.ticket.why), /declined by Grace/)
  for (const left of [more, most]) await left.until('waiting')
  await leave(grace)
})

onServer('a party whose leader leaves is led by the next', async ({ visit }) => {
  const [ada, grace] = [await visit(), await visit()]
  await joinParty(grace, await createParty(ada, 'Ada'), 'Grace')
  await queue(ada, 'ranked')
  await queue(grace, 'ranked')
  for (const tab of [ada, grace]) await ticketIs(tab, 'waiting')
  await ada.page.evaluate(() => window.party.leave())
  for (const { page } of [ada, grace]) await until(page, () => window.refused === 'cancelled')
  assert.deepEqual(await grace.page.evaluate(async () => (await window.party.look()).members), ['Grace'])
  await queue(grace, 'ranked')
  await ticketIs(grace, 'waiting')
  await grace.page.evaluate(() => window.ticket.cancel())
  await leave(ada, grace)
})

// Each of these takes the server's own time, about 15 s: they wait together.
describe('what nobody answers', { concurrency: true, timeout }, () => {
  onServer('who does not accept in time is out, who has accepted waits on', async ({ visit, crowd }) => {
    const [ada, grace] = [await visit(), await visit()]
    await queue(ada, 'ranked', { name: 'Ada' })
    await queue(grace, 'ranked', { name: 'Grace' })
    const [single, three] = [await crowd(1), await crowd(3)]
    for (const tab of [ada, grace]) await ticketIs(tab, 'found')
    await Promise.all([accept(ada), single.accept(), three.accept()])
    await until(grace.page, () => window.refused === 'cancelled')
    await ticketIs(ada, 'waiting')
    const late = await crowd(1)
    await ticketIs(ada, 'found')
    await Promise.all([accept(ada), single.accept(), three.accept(), late.accept()])
    await until(ada.page, inRoom)
    await leave(ada, grace)
  })

  onServer('who closes the page is matched with nobody', async ({ server, visit }) => {
    const [ada, grace] = [await visit(), await visit()]
    const answered = ada.page.waitForResponse((r) => r.url().endsWith('/v1/tickets') && r.request().method() === 'POST')
    await queue(ada, 'duel', { name: 'Ada' })
    await ticketIs(ada, 'waiting')
    const gone = new Crowd(server.url)
    const said = await (await answered).json()
    Object.assign(gone, { ticket: said.ticket, secrets: ['of somebody else'] })
    await ada.close()
    assert.equal((await gone.until('expired')).why, 'nobody has looked at it')
    await queue(grace, 'duel', { name: 'Grace' })
    await ticketIs(grace, 'waiting')
    await until(grace.page, () => window.ticket.waiting === 1)
    await grace.page.evaluate(() => window.ticket.cancel())
    await leave(grace)
  })

  onServer('the list of rooms is there to be asked for and to be watched', async ({ visit }) => {
    const [ada, grace] = [await visit(), await visit()]
    const filter = { map: 'watched' }
    await ada.page.evaluate(async (wanted) => {
      const { watchRooms } = await import('/match.js')
      window.lists = []
      const note = (list) => window.lists.push([...list.values()].map(({ room, players }) => ({ room, players })))
      window.stop = watchRooms('arena', { filter: wanted }, note)
    }, filter)
    await until(ada.page, () => window.lists.length > 0)
    assert.deepEqual(await ada.page.evaluate(() => window.lists[0]), [])
    const made = await join(grace, { create: true, properties: filter })
    await until(ada.page, (room) => window.lists.at(-1).some((r) => r.room === room && r.players === 1), made.id)
    const listed = await ada.page.evaluate(async (wanted) => {
      const { rooms } = await import('/match.js')
      return await rooms('arena', { filter: wanted, free: 2, sort: 'fill' })
    }, filter)
    assert.deepEqual(
      listed.map(({ room, players, properties }) => ({ room, players, properties })),
      [{ room: made.id, players: 1, properties: filter }],
    )
    await join(ada, { create: true, private: true, properties: filter })
    await grace.page.evaluate(() => window.room.leave())
    await until(ada.page, () => window.lists.at(-1).length === 0) // it was closed, for it was empty
    assert.ok((await ada.page.evaluate(() => window.lists)).every((list) => list.length <= 1))
    await ada.page.evaluate(() => window.stop())
    await leave(ada, grace)
  })
})
