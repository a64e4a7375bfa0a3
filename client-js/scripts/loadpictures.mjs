// Takes the pictures of the load test for the README: docs/report.png, the page that
// -html writes, and docs/dashboard.png, the dashboard as it was in the middle of the same
// run. Both are made by the tool itself from a real run: one of as many bots as the
// argument says, or one that is there, if the argument is a folder with its run.json.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { startBrowser, startServer } from '../e2e/rig.mjs'
import { smallPng } from './png.mjs'

const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const docs = join(repository, 'docs')
const [given = '200'] = process.argv.slice(2)
const tries = 5 // a machine that has other work makes a run invalid
const columns = 108
const moment = '26s'

const folder = await mkdtemp(join(tmpdir(), 'roomtick-load-'))
const tool = join(folder, 'loadtest')
execFileSync('go', ['build', '-o', tool, './loadtest'], { cwd: repository, stdio: 'inherit' })
const browser = await startBrowser()
try {
  const run = /^\d+$/.test(given) ? await load(given) : join(given, 'run.json')
  const report = join(folder, 'report.html')
  execFileSync(tool, ['show', '-html', report, run])
  await save('report.png', pathToFileURL(report).href, { width: 1240, height: 1290 }, '#lanes')
  const text = execFileSync(tool, ['show', '-at', moment, '-width', `${columns}`, run], { encoding: 'utf8' })
  const page = join(folder, 'dashboard.html')
  await writeFile(page, terminal(text))
  const lines = text.split('\n').length
  await save('dashboard.png', pathToFileURL(page).href, { width: columns * 9 + 48, height: lines * 20 + 28 })
} finally {
  await browser.close()
  await rm(folder, { recursive: true, force: true })
}

/** Runs the load test until a run counts, and returns its report. */
async function load(bots) {
  const server = await startServer('-admin', '127.0.0.1:0')
  try {
    const admin = /metrics\s+(http:\/\/[^\s/]+)/.exec(server.log())[1]
    const run = join(folder, 'run.json')
    const args = ['-url', server.url.replace(/\/$/, ''), '-admin', admin, '-ramp', `0:0,10s:${bots},35s:${bots},40s:0`]
    args.push('-per-room', '50', '-net', 'rtt=40ms,jitter=10ms', '-assert', 'reach>0.999', '-json', run)
    for (let i = 0; i < tries; i++) {
      // Not spawnSync: nobody would read the server's log meanwhile, and it would wait.
      const [status] = await once(spawn(tool, args, { stdio: 'inherit' }), 'exit')
      if (status === 0) return run
    }
  } finally {
    await server.stop()
  }
  throw new Error(`no run of ${tries} passed: this machine has other work, or is too small for ${bots} bots`)
}

/** Photographs a page, down to the end of an element if one is named. */
async function save(name, url, viewport, last = '') {
  const context = await browser.newContext({ viewport, colorScheme: 'light' })
  const page = await context.newPage()
  await page.goto(url)
  const size = { ...viewport }
  if (last) {
    const end = (selector) => document.querySelector(selector).getBoundingClientRect().bottom
    size.height = Math.ceil(await page.evaluate(end, last)) + 16
    await page.setViewportSize(size)
  }
  const png = await page.screenshot()
  await page.goto('about:blank')
  const rgba = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
    const image = await createImageBitmap(new Blob([bytes]))
    const canvas = new OffscreenCanvas(image.width, image.height)
    const pen = canvas.getContext('2d')
    pen.drawImage(image, 0, 0)
    return Array.from(pen.getImageData(0, 0, image.width, image.height).data)
  }, png.toString('base64'))
  await writeFile(join(docs, name), smallPng(Uint8Array.from(rgba), size.width, size.height))
  await context.close()
  console.log(`docs/${name}: ${(await readFile(join(docs, name))).length} B`)
}

/** A page that looks like a terminal with this text, whose colours are escape sequences. */
function terminal(text) {
  const colours = { 0: '', 1: 'font-weight:700', 31: 'color:#ff6b74', 36: 'color:#4cc9d8', 90: 'color:#76828f' }
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  const spans = escaped.replaceAll(/\x1b\[([\d;]*)m/g, (_, codes) => {
    const style = codes.split(';').map((code) => colours[code || 0] ?? '')
    return codes === '' || codes === '0' ? '</span>' : `<span style="${style.join(';')}">`
  })
  return `<!doctype html><meta charset="utf-8"><body style="margin:0;background:#10161d;color:#dfe6ee">
<pre style="margin:18px 24px;font:15px/20px 'DejaVu Sans Mono',monospace">${spans}</pre>`
}
