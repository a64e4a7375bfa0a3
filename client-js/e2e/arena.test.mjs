// The demo in a real browser against the real server.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openTab, patience, startBrowser, startProxy, startServer, until } from './rig.mjs'

const bots = 8
const timeout = 4 * patience

let server
let browser

before(
  async () => {
    server = await startServer('-bots', String(bots))
    browser = await startBrowser()
  },
  { timeout },
)

after(async () => {
  await browser?.close()
  await server?.stop()
})

/** The own ship of a tab. */
const ownShip = (page) =>
  page.evaluate(() => {
    const own = [...window.room.state.ships].find((s) => s.mine)
    return own && { id: own.id, x: own.x, y: own.y, angle: own.angle, name: own.name }
  })

/** Waits until a ship that page sees is elsewhere than at, or points elsewhere. */
const moved = (page, at) =>
  until(
    page,
    ({ id, x, y, angle }) => {
      const ship = window.room.state.ships.get(id)
      return ship && Math.hypot(ship.x - x, ship.y - y) > 20 && Math.abs(ship.angle - angle) > 0.2
    },
    at,
  )

/** Fails if the canvas shows one colour only. */
async function assertDrawn(page) {
  const colours = await page.evaluate(
    () =>
      new Promise((resolve) => {
        requestAnimationFrame(() => {
          const canvas = document.getElementById('field')
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
          resolve(new Set(new Uint32Array(data.buffer)).size)
        })
      }),
  )
  assert.ok(colours > 50, `the canvas shows ${colours} colours`)
}

test('the page shows eight ships that move, and its own', { timeout }, async () => {
  const context = await browser.newContext()
  const { page, errors, shot } = await openTab(context, `${server.url}?name=Ada`)
  await until(page, (n) => window.room.state.ships.size === n, bots + 1)
  const start = await page.evaluate(() => [...window.room.state.ships].map((s) => [s.id, s.x, s.y]))
  await until(
    page,
    (was) =>
      was.filter(([id, x, y]) => {
        const ship = window.room.state.ships.get(id)
        return ship && Math.hypot(ship.x - x, ship.y - y) > 30
      }).length >= 8,
    start,
  )
  assert.equal((await ownShip(page)).name, 'Ada')
  await until(page, () => window.room.clock.ready && document.getElementById('rate').textContent.includes('kB/s'))
  await assertDrawn(page)
  await shot('eight-ships')
  assert.deepEqual(errors, [])
  await context.close()
})

test('two tabs in one room each see the ship of the other move', { timeout }, async () => {
  const context = await browser.newContext()
  const ada = await openTab(context, `${server.url}?name=Ada`)
  const grace = await openTab(context, `${server.url}?name=Grace`)
  assert.equal(await ada.page.evaluate(() => window.room.id), await grace.page.evaluate(() => window.room.id))
  for (const [driver, watcher] of [
    [ada, grace],
    [grace, ada],
  ]) {
    const ship = await ownShip(driver.page)
    await until(watcher.page, (id) => window.room.state.ships.get(id) !== undefined, ship.id)
    assert.equal(await watcher.page.evaluate((id) => window.room.state.ships.get(id).mine, ship.id), false)
    await driver.page.bringToFront()
    await driver.page.keyboard.down('ArrowUp')
    await driver.page.keyboard.down('KeyD')
    await moved(watcher.page, ship)
    await driver.page.keyboard.up('KeyD')
    await driver.page.keyboard.up('ArrowUp')
  }
  await grace.shot('two-tabs')
  assert.deepEqual([...ada.errors, ...grace.errors], [])
  await context.close()
})

test('a conn that is cut resumes the same seat, with the same ship', { timeout }, async () => {
  const proxy = await startProxy(server.url)
  const context = await browser.newContext()
  // The browser itself reports the refused sockets of the cut as console errors.
  const { page, errors, shot } = await openTab(context, `${proxy.url}?name=Ada`, { expectErrors: true })
  const was = await page.evaluate(() => ({ seat: window.room.seat, id: window.room.id, player: window.room.player }))
  const ship = await ownShip(page)
  await page.evaluate(() => {
    window.kept = window.room.state.ships.get([...window.room.state.ships].find((s) => s.mine).id)
    window.removed = []
    window.room.state.ships.onRemove((s) => window.removed.push(s.id))
  })
  proxy.cut()
  await until(page, () => window.room.connState === 'reconnecting' && !document.getElementById('notice').hidden)
  await shot('reconnecting')
  const lost = await page.evaluate(() => window.room.tick)
  proxy.heal()
  await until(page, (tick) => window.room.connState === 'open' && window.room.tick > tick, lost)
  const now = await page.evaluate(() => ({ seat: window.room.seat, id: window.room.id, player: window.room.player }))
  assert.deepEqual(now, was)
  assert.equal((await ownShip(page)).id, ship.id)
  assert.equal(await page.evaluate((id) => window.kept === window.room.state.ships.get(id), ship.id), true)
  assert.equal(await page.evaluate((id) => window.removed.includes(id), ship.id), false)
  await page.keyboard.down('ArrowUp')
  await page.keyboard.down('ArrowLeft')
  await moved(page, await ownShip(page))
  await until(page, () => document.getElementById('notice').hidden)
  assert.deepEqual(errors, [])
  await context.close()
  await proxy.stop()
})

test('a reload keeps the seat, a duplicated tab becomes a new player', { timeout }, async () => {
  const context = await browser.newContext()
  const { page, errors } = await openTab(context, `${server.url}?name=Ada`)
  const ship = await ownShip(page)
  const saved = await page.evaluate(() => JSON.stringify({ ...sessionStorage }))
  await page.reload()
  await until(page, () => window.room?.connState === 'open' && [...window.room.state.ships].some((s) => s.mine))
  assert.equal((await ownShip(page)).id, ship.id)

  // What a browser does when a tab is duplicated: the copy starts with its storage.
  await context.addInitScript((text) => {
    if (sessionStorage.length > 0) return
    for (const [key, value] of Object.entries(JSON.parse(text))) sessionStorage.setItem(key, value)
  }, saved)
  const copy = await openTab(context, server.url)
  await until(copy.page, () => [...window.room.state.ships].some((s) => s.mine))
  assert.notEqual((await ownShip(copy.page)).id, ship.id)
  assert.equal(await page.evaluate(() => window.room.connState), 'open')
  assert.deepEqual([...errors, ...copy.errors], [])
  await context.close()
})
