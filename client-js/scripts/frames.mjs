// Prints how smoothly the demo's page draws a crowded room: npm run frames [-- rocks bots
// seconds] [--profile]. A real server, a real Chromium, a pilot in the tab. Chromium has no
// GPU here and paints the canvas on the cores that the server and the bots are on: the time
// between two pictures tells of the machine as much as of the page. The script's time is that
// of its thread, waiting aside; a picture is charged with what ran since the one before it,
// messages included.

import { startPilot } from '../e2e/pilot.mjs'
import { openTab, startBrowser, startServer } from '../e2e/rig.mjs'

const [rocks = 4000, bots = 200, seconds = 20] = process.argv
  .slice(2)
  .filter((word) => /^\d+$/.test(word))
  .map(Number)
const profiled = process.argv.includes('--profile')
const settleMs = 6000 // the page has loaded and compiled, the bots have spread
const size = { width: 1280, height: 720 }
const options = JSON.stringify({ rocks })

const server = await startServer('-bots', String(bots), '-room-options', options)
const browser = await startBrowser()
try {
  const context = await browser.newContext({ viewport: size })
  const { page } = await openTab(context, `${server.url}?name=Ada`)
  await startPilot(page)
  await page.waitForTimeout(settleMs)
  const cdp = await context.newCDPSession(page)
  if (profiled) {
    await cdp.send('Profiler.enable')
    await cdp.send('Profiler.start')
  }
  await browser.startTracing(page, { categories: ['devtools.timeline'] })
  const from = { cpu: await server.cpu(), bytes: await received(page), at: Date.now() }
  const inView = await countInView(page)
  const took = (Date.now() - from.at) / 1000
  const cpu = ((await server.cpu()) - from.cpu) / took
  const bytes = ((await received(page)) - from.bytes) / took
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString())
  if (profiled) printProfile((await cdp.send('Profiler.stop')).profile)
  print(pictures(traceEvents), inView, bytes, cpu)
} finally {
  await browser.close()
  await server.stop()
}

function received(page) {
  return page.evaluate(() => window.room.traffic.in)
}

/** Looks now and then at what the player has in view; resolves to the means. */
async function countInView(page) {
  const counts = []
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    await page.waitForTimeout(500)
    counts.push(await page.evaluate(() => ['rocks', 'ships', 'bullets'].map((name) => window.room.state[name].size)))
  }
  return [0, 1, 2].map((i) => Math.round(counts.reduce((sum, list) => sum + list[i], 0) / counts.length))
}

/**
 * Milliseconds between pictures, of the page's own script in each, and of that in each call
 * that draws or that takes in a message.
 */
function pictures(events) {
  const [starts, scripts, draws, messages] = [[], [], [], []]
  let [drawing, until] = [0, 0]
  for (const { name, ts, dur = 0, tdur = 0, args } of events.sort((a, b) => a.ts - b.ts)) {
    if (name === 'FireAnimationFrame') {
      starts.push(ts)
      scripts.push(0)
      drawing = ts + dur
    }
    const own = name === 'FunctionCall' && args.data?.url?.startsWith(server.url)
    if (!own || ts < until || scripts.length === 0) continue
    until = ts + dur // calls within this one are part of it
    scripts[scripts.length - 1] += tdur / 1000
    if (ts < drawing) draws.push(tdur / 1000)
    else if (args.data.url.endsWith('/roomtick.js')) messages.push(tdur / 1000)
  }
  return { gaps: starts.slice(1).map((ts, i) => (ts - starts[i]) / 1000), scripts, draws, messages }
}

function print({ gaps, scripts, draws, messages }, [inRocks, inShips, inBullets], bytes, cpu) {
  console.log(
    `frames: ${gaps.length} pictures of ${size.width} x ${size.height} in ${seconds} s, ${rocks} rocks, ${bots} bots`,
  )
  row('ms between pictures', gaps)
  row('script ms a picture', scripts)
  row('script ms to draw', draws)
  row('script ms to take in a message', messages)
  console.log(`  in view of the player: ${inRocks} rocks, ${inShips} ships, ${inBullets} bullets`)
  console.log(`  received ${(bytes / 1024).toFixed(1)} KB/s; server ${cpu.toFixed(2)} cores`)
}

function row(what, list) {
  const sorted = [...list].sort((a, b) => a - b)
  const at = (share) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)
  console.log(`  ${what}: p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}`)
}

/** The functions that the page spent most time in, by themselves. */
function printProfile({ nodes, samples, timeDeltas }) {
  const names = new Map(
    nodes.map(({ id, callFrame: f }) => [
      id,
      `${f.functionName || '?'} ${f.url.split('/').pop()}:${f.lineNumber + 1}:${f.columnNumber}`,
    ]),
  )
  const spent = new Map()
  for (const [i, id] of samples.entries()) spent.set(names.get(id), (spent.get(names.get(id)) ?? 0) + timeDeltas[i])
  for (const [name, us] of [...spent].sort((a, b) => b[1] - a[1]).slice(0, 40)) {
    console.log(`${(us / 1000).toFixed(0).padStart(8)} ms  ${name}`)
  }
}
