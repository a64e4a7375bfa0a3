// The game in a real browser against the real server and its computer players.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPilot } from './pilot.mjs'
import { inRoom, moved, openTab, ownShip, patience, startBrowser, startServer, until } from './rig.mjs'

const bots = 8
const timeout = 4 * patience
const phone = { hasTouch: true, isMobile: true, deviceScaleFactor: 2 }

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

/** How many events of a name the page has had since this was called. */
async function counting(page, name) {
  await page.evaluate((event) => {
    window.counted ??= {}
    window.counted[event] = 0
    window.room.events.on(event, () => window.counted[event]++)
  }, name)
  return (least) => until(page, ([event, n]) => window.counted[event] >= n, [name, least])
}

test('a player joins with a name, which the page remembers', { timeout }, async () => {
  const context = await browser.newContext()
  const { page, errors, shot } = await openTab(context, server.url, { waitForRoom: false })
  await until(page, () => document.activeElement.id === 'name' && document.title !== '')
  await until(page, () => document.getElementById('online').textContent.includes('bots'))
  await shot('join')
  await page.keyboard.type('Ada Lovelace')
  await page.keyboard.press('Enter')
  await until(page, inRoom)
  assert.equal((await ownShip(page)).name, 'Ada Lovelace')
  assert.equal(await page.evaluate(() => localStorage.getItem('arena.name')), 'Ada Lovelace')
  const link = page.getByRole('link', { name: 'Open a second tab' })
  assert.match(await link.getAttribute('rel'), /noopener/)
  const [second] = await Promise.all([context.waitForEvent('page'), link.click()])
  await until(second, () => document.getElementById('name').value === 'Ada Lovelace')
  assert.deepEqual(errors, [])
  await context.close()
})

test('the ships of all the bots are seen to move', { timeout }, async () => {
  const context = await browser.newContext()
  const { page, errors } = await openTab(context, `${server.url}?name=Witness`)
  await until(page, () => {
    window.seen ??= new Map()
    for (const s of window.room.state.ships) {
      if (s.mine) continue
      const at = window.seen.get(s.seat) ?? window.seen.set(s.seat, { x: s.x, y: s.y, far: 0 }).get(s.seat)
      at.far = Math.max(at.far, Math.hypot(s.x - at.x, s.y - at.y))
    }
    return [...window.seen.values()].filter((at) => at.far > 50).length >= 8
  })
  assert.deepEqual(errors, [])
  await context.close()
})

test('a player flies, shoots and hits, among ships that do the same', { timeout }, async () => {
  const context = await browser.newContext()
  const { page, errors, shot } = await openTab(context, `${server.url}?name=Ada`)
  await until(page, () => window.room.state.ships.size > 4 && window.room.state.rocks.size > 5)
  const shots = await counting(page, 'shots')
  const booms = await counting(page, 'booms')
  const ship = await ownShip(page)
  await page.keyboard.down('ArrowUp')
  await page.keyboard.down('KeyD')
  await moved(page, ship)
  await page.keyboard.up('KeyD')
  await page.keyboard.down('Space')
  await until(page, () => [...window.room.state.bullets].some((b) => b.seat === window.room.seat))
  await shot('flight')
  await shots(5)
  await booms(3)
  await until(page, () => window.room.clock.ready && document.getElementById('rate').textContent.includes('kB/s'))
  await until(page, () => document.querySelectorAll('#places li').length >= 5)
  await assertDrawn(page)
  await shot('fight')
  assert.deepEqual(errors, [])
  await context.close()
})

test('a player is hit, destroyed, told by whom, and comes back', { timeout }, async () => {
  const context = await browser.newContext()
  const { page, errors, shot } = await openTab(context, `${server.url}?name=Target`)
  const ship = await ownShip(page)
  await startPilot(page) // which finds the others, and they find it
  await until(page, () => [...window.room.state.ships].find((s) => s.mine)?.hp < 100)
  await shot('hit')
  await until(page, () => !document.getElementById('respawn').hidden)
  assert.match(await page.textContent('#killer'), /Destroyed by .+|Wrecked by a rock/)
  await page.waitForTimeout(250) // the explosion is drawn a moment after it is known
  await shot('destroyed')
  await until(page, (id) => [...window.room.state.ships].some((s) => s.mine && s.id !== id), ship.id)
  await until(page, () => document.getElementById('respawn').hidden)
  assert.deepEqual(errors, [])
  await context.close()
})

test('a player flies by mouse', { timeout }, async () => {
  const context = await browser.newContext()
  const { page, errors } = await openTab(context, `${server.url}?name=Grace`)
  const shots = await counting(page, 'shots')
  await page.mouse.move(640, 60)
  await page.mouse.down({ button: 'right' })
  await page.mouse.down({ button: 'left' })
  await until(page, () => {
    const own = [...window.room.state.ships].find((s) => s.mine)
    return own?.thrust && Math.abs(own.angle - 1.5 * Math.PI) < 0.3
  })
  await shots(1)
  assert.deepEqual(errors, [])
  await context.close()
})

test('two tabs talk to each other', { timeout }, async () => {
  const context = await browser.newContext()
  const ada = await openTab(context, `${server.url}?name=Ada`)
  const grace = await openTab(context, `${server.url}?name=Grace`)
  assert.equal(await ada.page.evaluate(() => window.room.id), await grace.page.evaluate(() => window.room.id))
  const heard = (page, text) => until(page, (t) => document.getElementById('lines').textContent.includes(t), text)
  await ada.page.bringToFront()
  await ada.page.keyboard.press('Enter')
  await ada.page.keyboard.type('Anybody near the big rock?')
  await ada.page.keyboard.press('Enter')
  await heard(grace.page, 'Anybody near the big rock?')
  await grace.page.bringToFront()
  await grace.page.keyboard.press('Enter')
  await grace.page.keyboard.type('<b>On my way</b> & fast')
  await grace.page.keyboard.press('Enter')
  await heard(ada.page, '<b>On my way</b> & fast')
  await grace.page.keyboard.press('Enter')
  await grace.shot('chat')
  await grace.page.keyboard.press('Escape')
  await until(grace.page, () => document.getElementById('chat-form').hidden && document.activeElement.id === 'field')
  assert.deepEqual([...ada.errors, ...grace.errors], [])
  await context.close()
})

/** Puts fingers on the screen as a real one does: all those that are down, by their places. */
async function fingers(page) {
  const devtools = await page.context().newCDPSession(page)
  return (type, ...at) => {
    const touchPoints = at.map((point, id) => ({ ...point, id }))
    return devtools.send('Input.dispatchTouchEvent', { type, touchPoints })
  }
}

async function middleOf(page, selector) {
  const box = await page.locator(selector).boundingBox()
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

for (const [name, viewport] of [
  ['portrait', { width: 390, height: 844 }],
  ['landscape', { width: 844, height: 390 }],
]) {
  test(`a phone in ${name} is flown by thumbs`, { timeout }, async () => {
    const context = await browser.newContext({ ...phone, viewport })
    const { page, errors, shot } = await openTab(context, server.url, { waitForRoom: false })
    await page.waitForSelector('#join .with-thumbs')
    await shot(`phone-${name}-join`)
    await page.fill('#name', 'Hedy')
    await page.tap('#join button')
    await until(page, inRoom)
    const shots = await counting(page, 'shots')
    const ship = await ownShip(page)
    const stick = await page.locator('#stick').boundingBox()
    const [x, y] = [stick.x + stick.width / 2, stick.y + stick.height / 2]
    const touch = await fingers(page)
    const away = ship.angle > Math.PI ? 1 : -1
    const [thrust, fire] = [await middleOf(page, '#thrust'), await middleOf(page, '#fire')]
    await touch('touchStart', { x, y })
    await touch('touchMove', { x, y: y + 40 * away })
    await touch('touchStart', { x, y: y + 40 * away }, thrust)
    await moved(page, ship)
    await touch('touchStart', { x, y: y + 40 * away }, thrust, fire)
    await shots(1)
    await shot(`phone-${name}`)
    await touch('touchEnd')
    await until(page, () => [...window.room.state.ships].find((s) => s.mine)?.thrust === false)
    await page.tap('#chat-button')
    await page.fill('#say', 'hello from a phone')
    await page.keyboard.press('Enter')
    await until(page, () => document.getElementById('lines').textContent.includes('hello from a phone'))
    await shot(`phone-${name}-chat`)
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    assert.ok(wide <= 0, `the page is ${wide} pixels wider than the screen`)
    assert.deepEqual(errors, [])
    await context.close()
  })
}

for (const rocks of [0, 3000]) {
  test(`200 more ships and ${rocks} rocks are drawn; the time for a picture is reported`, { timeout }, async (t) => {
    const context = await browser.newContext()
    const { page, errors, shot } = await openTab(context, `${server.url}?name=Ada&crowd=200&rocks=${rocks}`)
    // By then the page has found out how much it can draw on this machine.
    await until(page, () => performance.now() > 12_000)
    const since = await page.evaluate(() => {
      window.pictures.reset()
      return performance.now()
    })
    // A busy machine draws fewer: the diagnostic says of how many it is.
    const measured = (start) => {
      const { pictures } = window.pictures.quantile(0.5)
      return pictures >= 300 || (pictures >= 10 && performance.now() - start > 20_000)
    }
    await until(page, measured, since)
    const { gap, work, pictures } = await page.evaluate(() => window.pictures.quantile(0.95))
    t.diagnostic(
      `200 ships, ${rocks} rocks: p95 ${gap.toFixed(1)} ms between pictures, ${work.toFixed(1)} ms of script in each of ${pictures}`,
    )
    await shot(rocks ? 'three-thousand-rocks' : 'two-hundred-ships')
    assert.deepEqual(errors, [])
    await context.close()
  })
}
