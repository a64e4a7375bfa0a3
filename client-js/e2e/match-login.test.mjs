// Players of a studio's own login in a real browser: the server checks RS256 tokens.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as path } from 'node:path'
import { after, before, test } from 'node:test'
import { join, queue, refusal, roomOf, visit as visitWith } from './arrivals.mjs'
import { forge, issue, publicPEM } from './login.mjs'
import { inRoom, ownShip, patience, startBrowser, startServer, until } from './rig.mjs'

const timeout = 4 * patience
let folder
let server
let browser

before(
  async () => {
    folder = await mkdtemp(path(tmpdir(), 'roomtick-login-'))
    const key = path(folder, 'login.pem')
    await writeFile(key, publicPEM)
    server = await startServer('-bots', '0', '-jwt-key', key, '-jwt-issuer', 'studio', '-jwt-audience', 'mygame')
    browser = await startBrowser()
  },
  { timeout },
)

after(async () => {
  await browser?.close()
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

const visit = (more) => visitWith(browser, server.url, more)

async function leave(...tabs) {
  assert.deepEqual(
    tabs.flatMap(({ errors }) => errors),
    [],
  )
  for (const tab of tabs) await tab.close()
}

test('players are who their tokens say, and nobody else gets in', { timeout }, async () => {
  const ada = await visit()
  const good = issue('account-1', 'Ada', undefined)
  await join(ada, { name: 'Somebody', auth: good })
  await until(ada.page, inRoom)
  assert.equal((await ownShip(ada.page)).name, 'Ada')
  // The browser itself reports the refusals as console errors.
  const mallory = await visit({ expectErrors: true })
  assert.equal((await refusal(mallory, { name: 'Ada' })).code, 'identity')
  assert.equal((await refusal(mallory, { auth: issue('account-2', 'Eve', undefined, -60) })).code, 'identity-expired')
  for (const [how, token] of Object.entries(forge(good))) {
    const { code, hint } = await refusal(mallory, { auth: token })
    assert.equal(code, 'identity', how)
    assert.notEqual(hint, '')
  }
  await leave(ada, mallory)
})

test('an account that joins again takes its seat over', { timeout }, async () => {
  const [home, away] = [await visit(), await visit()]
  const auth = () => issue('account-3', 'Grace', undefined)
  const first = await join(home, { create: true, properties: { map: 'mine' }, auth: auth() })
  await until(home.page, inRoom)
  const ship = await ownShip(home.page)
  await home.page.evaluate(() => window.room.on('error', ({ code }) => (window.refused = code)))
  const again = await join(away, { room: first.id, auth: auth() })
  await until(away.page, inRoom)
  assert.deepEqual([again.id, again.player], [first.id, first.player])
  assert.equal((await ownShip(away.page)).id, ship.id)
  await until(home.page, () => window.refused === 'replaced')
  await leave(home, away)
})

test('a token that ends takes the conn along, and a fresh one gives the seat back', { timeout }, async () => {
  const tab = await visit({ expectErrors: true })
  const seconds = 6
  const first = await join(tab, {
    create: true,
    properties: { map: 'short' },
    auth: issue('account-4', 'Hedy', undefined, seconds),
  })
  await until(tab.page, inRoom)
  await tab.page.evaluate(() => window.room.on('error', ({ code }) => (window.refused = code)))
  await until(tab.page, () => window.refused === 'session-expired')
  const again = await join(tab, { room: first.id, auth: issue('account-4', 'Hedy', undefined) })
  assert.equal(again.player, first.player)
  await tab.close()
})

test('the skill of a match is that of the tokens, whatever the page says', { timeout }, async () => {
  const [ada, grace] = [await visit(), await visit()]
  const tickets = []
  ada.page.on('response', async (r) => {
    if (r.url().endsWith('/v1/tickets') && r.request().method() === 'POST') tickets.push((await r.json()).ticket)
  })
  const auth = issue('account-5', 'Ada', { mean: 1500, deviation: 30 })
  await queue(ada, 'duel', { auth, skill: { mu: 2000 } })
  await queue(grace, 'duel', { auth: issue('account-6', 'Grace', 1560), skill: { mu: 2000 } })
  for (const { page } of [ada, grace]) await until(page, inRoom)
  assert.equal(await roomOf(ada), await roomOf(grace))
  const answer = await fetch(new URL(`/v1/tickets/${tickets[0]}`, server.url), {
    headers: { Authorization: `Bearer ${auth}` },
  })
  const { fairness, state } = await answer.json()
  assert.equal(state, 'matched')
  assert.ok(fairness > 0.35 && fairness < 0.47, `fairness ${fairness}`)
  await leave(ada, grace)
})

test('a seat is kept for who was named when the room was made', { timeout }, async () => {
  const [ada, grace] = [await visit(), await visit()]
  const made = await join(ada, {
    create: true,
    properties: { map: 'kept' },
    reserve: ['account-8', 'account-9'],
    auth: issue('account-7', 'Ada', undefined),
  })
  const listed = () =>
    ada.page.evaluate(async (id) => {
      const { rooms } = await import('/match.js')
      const { players, reserved } = (await rooms('arena')).find(({ room }) => room === id)
      return `${players} in, ${reserved} kept`
    }, made.id)
  assert.equal(await listed(), '1 in, 2 kept')
  assert.equal((await join(grace, { room: made.id, auth: issue('account-8', 'Grace', undefined) })).id, made.id)
  assert.equal(await listed(), '2 in, 1 kept')
  await leave(ada, grace)
})
