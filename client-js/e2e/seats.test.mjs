// Seats in a real browser: they outlive conns, reloads and the server's restart, and a
// duplicated tab does not get another's. Nobody shoots here.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { inRoom, moved, openTab, ownShip, patience, startBrowser, startProxy, startServer, until } from './rig.mjs'

const timeout = 4 * patience

let server
let browser

before(
  async () => {
    server = await startServer('-bots', '0')
    browser = await startBrowser()
  },
  { timeout },
)

after(async () => {
  await browser?.close()
  await server?.stop()
})

const seatOf = (page) =>
  page.evaluate(() => ({ seat: window.room.seat, id: window.room.id, player: window.room.player }))

test('two tabs in one room each see the ship of the other move', { timeout }, async () => {
  const context = await browser.newContext()
  const ada = await openTab(context, `${server.url}?name=Ada`)
  const grace = await openTab(context, `${server.url}?name=Grace`)
  assert.equal((await seatOf(ada.page)).id, (await seatOf(grace.page)).id)
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
  const was = await seatOf(page)
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
  assert.deepEqual(await seatOf(page), was)
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
  const was = await seatOf(page)
  await until(page, () => sessionStorage.length > 0)
  const saved = await page.evaluate(() => JSON.stringify({ ...sessionStorage }))
  await page.reload()
  await until(page, inRoom)
  await until(page, () => [...window.room.state.ships].some((s) => s.mine))
  assert.deepEqual(await seatOf(page), was)

  // What a browser does when a tab is duplicated: the copy starts with its storage.
  await context.addInitScript((text) => {
    if (sessionStorage.length > 0) return
    for (const [key, value] of Object.entries(JSON.parse(text))) sessionStorage.setItem(key, value)
  }, saved)
  const copy = await openTab(context, server.url)
  await until(copy.page, () => [...window.room.state.ships].some((s) => s.mine))
  assert.notEqual((await seatOf(copy.page)).seat, was.seat)
  assert.equal(await page.evaluate(() => window.room.connState), 'open')
  assert.deepEqual([...errors, ...copy.errors], [])
  await context.close()
})

test('a server that restarts is called by its name, and the page plays on', { timeout }, async () => {
  const leaving = await startServer('-bots', '2')
  const context = await browser.newContext()
  const { page, errors, shot } = await openTab(context, `${leaving.url}?name=Ada`, { expectErrors: true })
  const stopped = leaving.stop()
  await until(page, () => !document.getElementById('notice').hidden)
  await until(page, () => window.room.connState !== 'open')
  await shot('restarting')
  await stopped
  const next = await startServer('-addr', new URL(leaving.url).host, '-bots', '3')
  await until(page, () => window.room?.connState === 'open' && [...window.room.state.ships].length === 4)
  await until(page, () => [...window.room.state.ships].some((s) => s.mine && s.name === 'Ada'))
  await next.stop()
  assert.deepEqual(errors, [])
  await context.close()
})
