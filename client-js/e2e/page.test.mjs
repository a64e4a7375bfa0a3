// The page itself: what it is read, heard and reached by. Nobody shoots here.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { faintTexts } from './contrast.mjs'
import { openTab, patience, startBrowser, startServer, until } from './rig.mjs'

const timeout = 4 * patience

let server
let browser

before(
  async () => {
    server = await startServer('-bots', '3')
    browser = await startBrowser()
  },
  { timeout },
)

after(async () => {
  await browser?.close()
  await server?.stop()
})

test('every text stands out from what is behind it', { timeout }, async (t) => {
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  const { page } = await openTab(context, server.url, { waitForRoom: false })
  await page.waitForSelector('#join button')
  const joining = await faintTexts(page)
  await page.fill('#name', 'Ada')
  await page.keyboard.press('Enter')
  await until(page, () => window.room && document.querySelectorAll('#places li').length > 3)
  await page.keyboard.press('Enter')
  await page.keyboard.type('hello')
  await page.keyboard.press('Enter')
  await until(page, () => document.querySelectorAll('#lines p').length > 0)
  await page.evaluate(() => {
    // What shows only now and then, all at once, and stays.
    window.requestAnimationFrame = () => 0
    for (const id of ['respawn', 'notice', 'teams', 'power']) document.getElementById(id).hidden = false
    for (const id of ['killer', 'power', 'toast']) document.getElementById(id).textContent = 'some words'
    document.getElementById('toast').classList.add('shown')
    document.getElementById('notice').innerHTML = '<b>Reconnecting</b><span>soon</span><button>Join again</button>'
  })
  const playing = await faintTexts(page)
  t.diagnostic(`${joining.texts} texts on the join screen and ${playing.texts} in the game`)
  assert.ok(joining.texts > 10 && playing.texts > 25)
  assert.deepEqual([...joining.faint, ...playing.faint], [])
  await context.close()
})

test('the strip is one line at every width', { timeout }, async () => {
  const context = await browser.newContext()
  const { page, shot } = await openTab(context, `${server.url}?name=Ada`)
  await until(page, () => document.getElementById('rate').textContent.includes('kB/s'))
  for (const width of [1600, 1280, 1100, 1024, 900, 761, 600, 390]) {
    await page.setViewportSize({ width, height: 700 })
    const { high, right, ranks } = await page.evaluate(() => {
      const strip = document.getElementById('strip').getBoundingClientRect()
      const ranks = document.getElementById('ranks').getBoundingClientRect()
      return { high: strip.height, right: strip.right, ranks: ranks.top < strip.bottom ? ranks.left : innerWidth }
    })
    assert.ok(high < 45, `${width} wide: the strip is ${high} high`)
    assert.ok(right <= ranks, `${width} wide: the strip ends at ${right}, the leader board begins at ${ranks}`)
    if (width === 1100) await shot('strip-1100')
  }
  await context.close()
})

test('the keyboard reaches everything in order, and one sees where it is', { timeout }, async () => {
  const context = await browser.newContext()
  const { page } = await openTab(context, server.url, { waitForRoom: false })
  await until(page, () => document.activeElement.id === 'name')
  const next = async (key = 'Tab') => {
    await page.keyboard.press(key)
    return page.evaluate(() => {
      const { id, textContent, tagName } = document.activeElement
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement)
      const outlined = outlineStyle === 'solid' && Number.parseFloat(outlineWidth) >= 2
      return `${id || textContent || tagName}${outlined ? '' : ' without an outline'}`
    })
  }
  assert.equal(await next(), 'Play')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.type('Ada')
  await page.keyboard.press('Enter')
  await until(page, () => document.activeElement.id === 'field')
  assert.deepEqual([await next(), await next(), await next()], ['mute', 'second', 'chat-button'])
  await page.keyboard.press('Enter')
  await until(page, () => document.activeElement.id === 'say')
  await page.keyboard.press('Escape')
  await until(page, () => document.activeElement.id === 'field')
  await context.close()
})

test('the first gesture starts the sound, and a shot is heard', { timeout }, async () => {
  const context = await browser.newContext()
  await context.addInitScript(() => {
    window.levels = []
    window.contexts = []
    const { setValueAtTime } = AudioParam.prototype
    AudioParam.prototype.setValueAtTime = function (value, at) {
      window.levels.push(value)
      return setValueAtTime.call(this, value, at)
    }
    window.AudioContext = class extends AudioContext {
      constructor() {
        super()
        window.contexts.push(this)
      }
    }
  })
  const { page, errors } = await openTab(context, `${server.url}?name=Ada`)
  assert.equal(await page.evaluate(() => window.contexts.length), 0)
  // Held until it is heard: while the ship is destroyed, no tap of a key brings a bullet.
  await page.keyboard.down('Space')
  await until(page, () => window.contexts[0]?.state === 'running' && window.levels.some((level) => level > 0))
  assert.equal(await page.evaluate(() => window.contexts.length), 1)
  await page.keyboard.up('Space')
  await page.keyboard.press('KeyM')
  assert.equal(await page.getAttribute('#mute', 'aria-pressed'), 'false')
  const muted = await page.evaluate(() => window.levels.length)
  await page.evaluate(() => {
    window.room.state.bullets.onAdd((b) => {
      window.fired ||= b.seat === window.room.seat
    })
    window.fired = false // those that fly already do not count
  })
  await page.keyboard.down('Space')
  await until(page, () => window.fired)
  await page.keyboard.up('Space')
  assert.equal(await page.evaluate(() => window.levels.length), muted)
  assert.deepEqual(errors, [])
  await context.close()
})
