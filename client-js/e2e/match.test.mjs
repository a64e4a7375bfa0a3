// Matchmaking in a real browser: queues, private rooms, and rooms that another node of the
// cluster runs than the one which served the page. Nobody shoots here.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { faults, join, queue, refusal, roomOf, visit as visitWith } from './arrivals.mjs'
import { startCluster } from './cluster.mjs'
import { faintTexts } from './contrast.mjs'
import { inRoom, patience, startBrowser, startServer, until } from './rig.mjs'

const timeout = 4 * patience
let server
let cluster
let browser

before(
  async () => {
    server = await startServer('-bots', '0')
    cluster = await startCluster(3, '-bots', '0')
    browser = await startBrowser()
  },
  { timeout },
)

after(async () => {
  await browser?.close()
  await cluster?.stop()
  await server?.stop()
})

const visit = (url, more) => visitWith(browser, url, more)
const seesBoth = () => window.room.state.ships.size === 2

test('two pages queue for a duel and meet, and a reload comes back to it', { timeout }, async () => {
  const [ada, grace] = [await visit(server.url), await visit(server.url)]
  await queue(ada, 'duel', { name: 'Ada' })
  await until(ada.page, () => window.updates.includes('waiting'))
  assert.equal(await ada.page.evaluate(() => window.room), undefined)
  await queue(grace, 'duel', { name: 'Grace' })
  for (const { page } of [ada, grace]) {
    await until(page, inRoom)
    await until(page, seesBoth)
    assert.equal(await page.evaluate(() => window.ticket.state), 'matched')
  }
  assert.equal(await roomOf(ada), await roomOf(grace))
  const teams = await Promise.all([ada, grace].map(({ page }) => page.evaluate(() => window.ticket.team)))
  assert.deepEqual(teams.sort(), [1, 2])

  const was = await ada.page.evaluate(() => [window.room.id, window.room.player])
  await until(ada.page, () => Object.keys(sessionStorage).some((key) => key === 'roomtick.seat.arena.queue.duel'))
  await ada.page.reload()
  await queue(ada, 'duel', { name: 'Ada' })
  await until(ada.page, inRoom)
  assert.deepEqual(await ada.page.evaluate(() => [window.room.id, window.room.player]), was)
  assert.deepEqual([...ada.errors, ...grace.errors], [])
  await ada.close()
  await grace.close()
})

test('a reload waits on with its ticket, and who cancels is not matched', { timeout }, async () => {
  const [ada, grace, hedy] = [await visit(server.url), await visit(server.url), await visit(server.url)]
  await queue(ada, 'duel', { name: 'Ada' })
  await until(ada.page, () => window.updates.includes('waiting'))
  const tickets = []
  ada.page.on('request', (sent) => {
    if (sent.method() === 'POST') tickets.push(sent.url())
  })
  await ada.page.reload()
  await queue(ada, 'duel', { name: 'Ada' })
  await until(ada.page, () => window.updates.includes('waiting'))
  assert.deepEqual(tickets, [])
  await ada.page.evaluate(() => window.ticket.cancel())
  await until(ada.page, () => window.refused === 'cancelled')
  await queue(grace, 'duel', { name: 'Grace' })
  await until(grace.page, () => window.updates.includes('waiting'))
  assert.equal(await grace.page.evaluate(() => window.ticket.state), 'waiting')
  await queue(hedy, 'duel', { name: 'Hedy' })
  for (const { page } of [grace, hedy]) await until(page, inRoom)
  assert.equal(await roomOf(grace), await roomOf(hedy))
  assert.deepEqual([...ada.errors, ...grace.errors, ...hedy.errors], [])
  for (const tab of [ada, grace, hedy]) await tab.close()
})

test('a private room is entered by its code and its password, and by nothing else', { timeout }, async () => {
  const ada = await visit(server.url)
  // The browser itself reports the refusals as console errors.
  const grace = await visit(server.url, { expectErrors: true })
  const made = await join(ada, { name: 'Ada', create: true, private: true, password: 'sesame' })
  assert.match(made.code, /^[0-9A-Z]{6}$/)
  const stranger = await visit(server.url)
  assert.notEqual((await join(stranger, { name: 'Edsger' })).id, made.id)
  const wrong = await refusal(grace, { code: made.code, password: 'guess' })
  assert.equal(wrong.code, 'no-entry')
  assert.notEqual(wrong.hint, '')
  const typed = `${made.code.slice(0, 3)}-${made.code.slice(3)}`.toLowerCase()
  assert.equal((await join(grace, { name: 'Grace', code: typed, password: 'sesame' })).id, made.id)
  for (const { page } of [ada, grace]) await until(page, seesBoth)
  assert.deepEqual([...ada.errors, ...grace.errors, ...stranger.errors], [])
  for (const tab of [ada, grace, stranger]) await tab.close()
})

test('a room has what its first player asked for, and who asks for the same comes to it', { timeout }, async () => {
  const tabs = [await visit(server.url), await visit(server.url), await visit(server.url)]
  const [ice, again, dust] = [
    await join(tabs[0], { mode: 'duel', filter: { map: { in: ['ice', 'fire'] } } }),
    await join(tabs[1], { mode: 'duel', filter: { map: 'ice' } }),
    await join(tabs[2], { mode: 'duel', filter: { map: 'dust' } }),
  ]
  assert.equal(again.id, ice.id)
  assert.notEqual(dust.id, ice.id)
  for (const tab of tabs) await tab.close()
})

test('a room of one node is played through the others', { timeout }, async () => {
  const tabs = []
  for (const url of cluster.urls) tabs.push(await visit(url))
  const [ada, grace, hedy] = tabs
  const made = await join(ada, { name: 'Ada', create: true, private: true })
  assert.equal((await join(grace, { name: 'Grace', code: made.code })).id, made.id)
  assert.equal((await join(hedy, { name: 'Hedy', code: made.code })).id, made.id)
  // One node runs the room, so that two of the three sockets are passed on by another.
  const paths = tabs.map(({ sockets }) => new URL(sockets[0]).pathname)
  assert.match(paths[0], /^\/n\/[^/]+\/v1\/rooms\//)
  assert.deepEqual(paths, [paths[0], paths[0], paths[0]])
  assert.equal(new Set(tabs.map(({ sockets }) => new URL(sockets[0]).host)).size, 3)
  for (const { page } of tabs) await until(page, () => window.room.state.ships.size === 3)
  const at = await hedy.page.evaluate(() => window.room.tick)
  await until(hedy.page, (tick) => window.room.tick > tick + 20, at)
  assert.deepEqual(faults(ada, grace, hedy), [])
  for (const tab of tabs) await tab.close()
})

test('two pages of two nodes queue for a duel and meet', { timeout }, async () => {
  const [ada, grace] = [await visit(cluster.urls[0]), await visit(cluster.urls[2])]
  await queue(ada, 'duel', { name: 'Ada' })
  await queue(grace, 'duel', { name: 'Grace' })
  for (const { page } of [ada, grace]) {
    await until(page, inRoom)
    await until(page, seesBoth)
  }
  assert.equal(await roomOf(ada), await roomOf(grace))
  assert.deepEqual(faults(ada, grace), [])
  await ada.close()
  await grace.close()
})

/** The choice of a room on the join screen. */
async function choose({ page }, name, press) {
  await until(page, () => document.activeElement.id === 'name')
  await page.keyboard.type(name)
  await press()
}

test('the demo has a door to a duel and one to a private room', { timeout }, async () => {
  const [ada, grace] = [await visit(server.url), await visit(server.url)]
  await choose(ada, 'Ada', () => ada.page.getByRole('button', { name: 'Duel' }).click())
  await until(ada.page, () => document.getElementById('wait-text').textContent.includes('first'))
  assert.equal(await ada.page.evaluate(() => document.activeElement.id), 'cancel')
  await ada.shot('waiting')
  assert.deepEqual((await faintTexts(ada.page)).faint, [])
  await choose(grace, 'Grace', () => grace.page.getByRole('button', { name: 'Duel' }).click())
  for (const { page } of [ada, grace]) await until(page, inRoom)
  for (const { page } of [ada, grace]) await until(page, seesBoth)
  assert.equal(await ada.page.evaluate(() => document.getElementById('waiting').hidden), true)

  const [linus, ken] = [await visit(server.url), await visit(server.url)]
  await choose(linus, 'Linus', () => linus.page.getByRole('button', { name: 'Private room' }).click())
  await until(linus.page, inRoom)
  const code = await linus.page.evaluate(() => new URLSearchParams(location.search).get('code'))
  assert.equal(await linus.page.evaluate(() => document.querySelector('#brand b').textContent), code)
  await linus.shot('private')
  await choose(ken, 'Ken', async () => {
    await ken.page.getByLabel('Code of a friend').fill(code.toLowerCase())
    await ken.shot('join-code')
    await ken.page.keyboard.press('Enter')
  })
  await until(ken.page, inRoom)
  assert.equal(await roomOf(ken), await roomOf(linus))
  const was = await linus.page.evaluate(() => window.room.player)
  await until(linus.page, () => sessionStorage.length > 1)
  await linus.page.reload()
  await until(linus.page, inRoom)
  assert.equal(await linus.page.evaluate(() => window.room.player), was)
  for (const tab of [ada, grace, linus, ken]) {
    assert.deepEqual(tab.errors, [])
    await tab.close()
  }
})

test('who cancels the wait of the demo is back on the join screen', { timeout }, async () => {
  const ada = await visit(server.url)
  await choose(ada, 'Ada', () => ada.page.getByRole('button', { name: 'Duel' }).click())
  await until(ada.page, () => document.getElementById('wait-text').textContent !== '')
  await ada.page.keyboard.press('Enter')
  await until(ada.page, () => !document.getElementById('join').hidden && document.activeElement.id === 'name')
  assert.equal(await ada.page.evaluate(() => location.search), '')
  const grace = await visit(server.url)
  await queue(grace, 'duel', { name: 'Grace' })
  await until(grace.page, () => window.ticket?.waiting > 0) // by the next round she is counted
  assert.equal(await grace.page.evaluate(() => window.ticket.waiting), 1)
  assert.deepEqual([...ada.errors, ...grace.errors], [])
  await ada.close()
  await grace.close()
})
