// Takes the pictures of the README from the real game: docs/arena.png, and docs/film.png
// with four moments of a fight. A pilot plays until there is something to see.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startPilot } from '../e2e/pilot.mjs'
import { openTab, startBrowser, startServer, until } from '../e2e/rig.mjs'
import { smallPng } from './png.mjs'

const docs = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs')
const size = { width: 1280, height: 720 }
const scene = { width: 560, height: 400 } // of the film, cut out of the page around the ship
const moments = 4
const tries = 200 // pictures, of which the liveliest is taken
const lines = ['anybody got a shield?', 'behind you!', 'nice shot']

await mkdir(docs, { recursive: true })
const server = await startServer('-bots', '18')
const browser = await startBrowser()
try {
  const context = await browser.newContext({ viewport: size })
  const { page } = await openTab(context, `${server.url}?name=Ada`)
  const guest = await openTab(await browser.newContext(), `${server.url}?name=Grace`)
  await startPilot(page)
  await startPilot(guest.page)
  await page.bringToFront()
  await watchFor(page)
  await until(page, () => document.querySelector('#places .mine b')?.textContent >= '1')
  await save('arena.png', await bestPicture([guest.page, page]), size)
  await save('film.png', await film(context, page), { width: moments * (scene.width + 6) - 6, height: scene.height })
} finally {
  await browser.close()
  await server.stop()
}

/** Lets the page keep how lively it is: what burst near the ship within the last moment. */
async function watchFor(page) {
  await page.evaluate(() => {
    const seen = []
    window.room.events.on('booms', ({ x, y, size }) => {
      const own = [...window.room.state.ships].find((s) => s.mine)
      const near = own && Math.abs(own.x - x) < 420 && Math.abs(own.y - y) < 230
      if (near) seen.push({ at: performance.now(), size })
    })
    window.lively = () => {
      const own = [...window.room.state.ships].find((s) => s.mine)
      if (!own) return 0
      const now = performance.now()
      const inView = (list) =>
        [...list].filter((e) => Math.abs(e.x - own.x) < 520 && Math.abs(e.y - own.y) < 280).length
      const fresh = seen.filter(({ at }) => now - at > 170 && now - at < 650) // not the first flash
      const bursts = fresh.reduce((sum, { size }) => sum + [0, 1, 4, 14][size], 0)
      const { ships, bullets, rocks, pickups } = window.room.state
      const things = 6 * inView(ships) + 1.5 * inView(bullets) + 3 * Math.min(3, inView(rocks)) + 2 * inView(pickups)
      return Math.min(bursts, 16) + things + (own.hp > 40 ? 4 : 0)
    }
  })
}

/** Takes many pictures of the second of two tabs, in which people talk, and keeps one. */
async function bestPicture(tabs) {
  const page = tabs[1]
  let best = { lively: -1, picture: undefined }
  for (let i = 0; i < tries; i++) {
    const text = i % 25 === 0 && lines[(i / 25) % lines.length]
    if (text) await tabs[(i / 25) % 2].evaluate((t) => window.room.send('say', { text: t }), text)
    const lively = await page.evaluate(() => window.lively())
    if (lively > best.lively) best = { lively, picture: await page.screenshot() }
    await page.waitForTimeout(150)
  }
  return pixels(page, [best.picture], size)
}

/** Pictures in a row, in the middle of which a ship bursts near by. */
async function film(context, page) {
  const clip = { x: (size.width - scene.width) / 2, y: (size.height - scene.height) / 2 - 10, ...scene }
  const last = []
  const more = async () => {
    last.push(await page.screenshot({ clip }))
    if (last.length > moments) last.shift()
    await page.waitForTimeout(120)
  }
  await page.evaluate(() => {
    window.room.events.on('booms', ({ x, y, size }) => {
      const own = [...window.room.state.ships].find((s) => s.mine)
      if (own && size === 3 && Math.abs(own.x - x) < 220 && Math.abs(own.y - y) < 150) window.burst = true
    })
    window.burst = false
  })
  const start = Date.now()
  while (Date.now() - start < 150_000 && !(last.length === moments && (await page.evaluate(() => window.burst)))) {
    await page.evaluate(() => {
      window.burst = false
    })
    await more()
  }
  await more()
  await more()
  const blank = await context.newPage()
  const row = await pixels(blank, last, { width: moments * (scene.width + 6) - 6, height: scene.height })
  await blank.close()
  return row
}

/** The pixels of pictures side by side, as RGBA. */
async function pixels(page, pictures, { width, height }) {
  const text = await page.evaluate(
    async ({ urls, width, height }) => {
      const canvas = new OffscreenCanvas(width, height)
      const ctx = canvas.getContext('2d')
      ctx.fillStyle = '#2a3156'
      ctx.fillRect(0, 0, width, height)
      let x = 0
      for (const url of urls) {
        const image = new Image()
        image.src = url
        await image.decode()
        ctx.drawImage(image, x, 0)
        x += image.width + 6
      }
      const { data } = ctx.getImageData(0, 0, width, height)
      let said = ''
      for (let i = 0; i < data.length; i += 0x8000) said += String.fromCharCode(...data.subarray(i, i + 0x8000))
      return btoa(said)
    },
    { urls: pictures.map((png) => `data:image/png;base64,${png.toString('base64')}`), width, height },
  )
  return Buffer.from(text, 'base64')
}

async function save(name, rgba, { width, height }) {
  const png = smallPng(rgba, width, height)
  await writeFile(join(docs, name), png)
  console.log(`docs/${name}: ${width} x ${height}, ${Math.round(png.length / 1024)} KB`)
}
