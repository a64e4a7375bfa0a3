// Watching a match without a seat, and the way from there to one.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { faintTexts } from './contrast.mjs'
import { inRoom, openTab, ownShip, patience, startBrowser, startServer, until } from './rig.mjs'

const timeout = 4 * patience
/** A room that has only begun says 503, and is asked again: the browser's console tells. */
const mayRetry = { waitForRoom: false, expectErrors: true }
const delayTicks = 3 * 20
const noSeat = 65535

let server
let browser

before(
  async () => {
    server = await startServer('-bots', '6')
    browser = await startBrowser()
  },
  { timeout },
)

after(async () => {
  await browser?.close()
  await server?.stop()
})

const named = () => document.getElementById('watched').textContent
const rooms = async () => (await (await fetch(`${server.url}v1/rooms?game=arena`)).json()).rooms

test('who watches follows the leader, a little late, and may look at any other ship', { timeout }, async () => {
  const context = await browser.newContext()
  const { page, shot } = await openTab(context, server.url, mayRetry)
  await page.getByRole('button', { name: 'Watch' }).waitFor()
  await shot('door')
  await page.fill('#name', 'Ada')
  await page.getByRole('button', { name: 'Watch' }).click()
  await until(page, inRoom)
  await until(page, () => document.getElementById('watched').textContent.startsWith('Bot '))
  assert.equal(await page.evaluate(() => window.room.seat), noSeat)
  assert.equal(await page.textContent('#watch-delay'), '3 s behind')
  const tick = await page.evaluate(() => window.room.tick)
  const [{ tick: now, players, spectators }] = await rooms()
  assert.ok(now - tick >= delayTicks - 1, `${now - tick} ticks behind`)
  assert.deepEqual([players, spectators], [0, 1])
  const seen = new Set([await page.evaluate(named)])
  for (const way of ['The next ship', 'The ship before', 'The next ship', 'The next ship']) {
    const before = await page.evaluate(named)
    await page.getByRole('button', { name: way }).click()
    await until(page, (name) => document.getElementById('watched').textContent !== name, before)
    seen.add(await page.evaluate(named))
  }
  assert.ok(seen.size >= 3, [...seen].join())
  await page.keyboard.press('Enter') // no chat: the focus is on a button, and then on nothing
  await page.evaluate(() => document.activeElement.blur())
  await page.keyboard.press('Enter')
  for (const id of ['chat-form', 'chat-button', 'vitals']) assert.ok(!(await page.isVisible(`#${id}`)), id)
  await shot('watching')
  await page.evaluate(() => {
    window.requestAnimationFrame = () => 0
  })
  assert.deepEqual((await faintTexts(page)).faint, [])
  await context.close()
})

test('a reload goes on watching, and Play takes a seat under the same name', { timeout }, async () => {
  const context = await browser.newContext({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } })
  const { page, shot } = await openTab(context, `${server.url}?name=Grace&watch=`, mayRetry)
  await until(page, inRoom)
  await page.reload()
  await until(page, inRoom)
  await until(page, () => document.getElementById('watched').textContent.startsWith('Bot '))
  for (const id of ['thumbs', 'stick-area']) assert.ok(!(await page.isVisible(`#${id}`)), id)
  const overlap = await page.evaluate(() => {
    const bar = document.getElementById('watching').getBoundingClientRect()
    return bar.left < 0 || bar.right > innerWidth || bar.bottom > innerHeight
  })
  assert.ok(!overlap, 'the bar leaves the screen')
  await shot('watching-phone')
  await page.getByRole('button', { name: 'Play' }).tap()
  await until(page, () => window.room?.connState === 'open' && [...window.room.state.ships].some((s) => s.mine))
  assert.equal((await ownShip(page)).name, 'Grace')
  assert.ok(await page.isVisible('#fire'))
  assert.ok(!(await page.isVisible('#watching')))
  await context.close()
})
