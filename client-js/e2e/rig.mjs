// What the browser tests stand on: the real server as a process, a TCP proxy that can
// cut its conns, and Chromium. Everything is on loopback and ends with the tests.

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const here = dirname(fileURLToPath(import.meta.url))
const repository = join(here, '..', '..')
const shots = join(here, 'shots')

/** How long a wait may take on a busy machine. No test asserts a time. */
export const patience = 60_000

const browserFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Two tabs play at once: the one behind must not be slowed down.
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
]

let built // the server's binary: once for all that a test file starts

function build() {
  if (built) return built
  const folder = mkdtempSync(join(tmpdir(), 'roomtick-e2e-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const binary = join(folder, 'roomtick')
  const { status } = spawnSync('go', ['build', '-o', binary, '.'], { cwd: repository, stdio: 'inherit' })
  if (status !== 0) throw new Error('the server does not build')
  built = binary
  return binary
}

/** Builds the server and runs it; resolves once it has printed its address. */
export async function startServer(...args) {
  const addr = args[0] === '-addr' ? args.splice(0, 2)[1] : '127.0.0.1:0'
  const process = spawn(build(), ['-addr', addr, '-admin', '', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const url = await new Promise((resolve, reject) => {
    const hear = (chunk) => {
      said += chunk
      const found = /^play\s+(http:\S+)/m.exec(said)
      if (found) resolve(found[1])
    }
    process.stdout.on('data', hear)
    process.stderr.on('data', hear)
    process.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${said}`)))
  })
  return {
    url,
    log: () => said,
    /** Seconds of a core that the server has taken so far; Linux only. */
    async cpu() {
      const [user, system] = (await readFile(`/proc/${process.pid}/stat`, 'utf8'))
        .split(') ')[1]
        .split(' ')
        .slice(11, 13)
      return (Number(user) + Number(system)) / 100 // of a second, on every Linux
    },
    async stop() {
      const ended = new Promise((resolve) => process.once('exit', resolve))
      process.kill('SIGTERM')
      await ended
    },
  }
}

/** A TCP proxy in front of the server. */
export async function startProxy(target) {
  const { hostname, port } = new URL(target)
  const open = new Set()
  let refusing = false
  const server = createServer((near) => {
    if (refusing) return near.destroy()
    const far = connect(Number(port), hostname)
    for (const [a, b] of [
      [near, far],
      [far, near],
    ]) {
      open.add(a)
      a.pipe(b)
      a.on('error', () => b.destroy())
      a.on('close', () => {
        open.delete(a)
        b.destroy()
      })
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    /** Ends every conn and lets no new one in until heal. */
    cut() {
      refusing = true
      for (const socket of open) socket.destroy()
    },
    heal() {
      refusing = false
    },
    stop() {
      for (const socket of open) socket.destroy()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Starts Chromium with a profile of its own. */
export async function startBrowser() {
  await mkdir(shots, { recursive: true })
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
  const browser = await chromium.launch({ executablePath, headless: true, args: browserFlags })
  return browser
}

/**
 * Opens a tab that notes every error and every request to another host than url's, and
 * waits until it is in the room, unless it shall stay on the join screen.
 */
export async function openTab(context, url, { expectErrors = false, waitForRoom = true } = {}) {
  const page = await context.newPage()
  const errors = []
  const { host } = new URL(url)
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !expectErrors) errors.push(`${message.text()} ${message.location().url}`)
  })
  const request = (address) => {
    const to = new URL(address)
    if (to.protocol !== 'data:' && to.host !== host) errors.push(`external request: ${address}`)
  }
  page.on('request', (sent) => request(sent.url()))
  page.on('websocket', (socket) => request(socket.url()))
  await page.goto(url)
  const tab = { page, errors, shot: (name) => page.screenshot({ path: join(shots, `${name}.png`) }) }
  if (waitForRoom) await until(page, inRoom)
  return tab
}

/** For until: the page has a seat and its world. */
export const inRoom = () => window.room?.connState === 'open' && window.room.state.ships.size > 0

/** The own ship of a tab, undefined while it has none. */
export const ownShip = (page) =>
  page.evaluate(() => {
    const own = [...window.room.state.ships].find((s) => s.mine)
    return own && { id: own.id, x: own.x, y: own.y, angle: own.angle, name: own.name, hp: own.hp }
  })

/** Waits until a ship that page sees is elsewhere than at, or points elsewhere. */
export const moved = (page, at) =>
  until(
    page,
    ({ id, x, y, angle }) => {
      const ship = window.room.state.ships.get(id)
      return ship && Math.hypot(ship.x - x, ship.y - y) > 20 && Math.abs(ship.angle - angle) > 0.2
    },
    at,
  )

/** Polls in the page until fn says yes, and returns what it said. */
export async function until(page, fn, arg) {
  const handle = await page.waitForFunction(fn, arg, { timeout: patience, polling: 50 })
  return handle.jsonValue()
}
