// Measures how long the SDK takes for recorded frames, in Node and in Chromium:
//
//   node scripts/decode.mjs frames.json [rounds]
//
// The file is a list of base64 messages, the first with the welcome. Prints JSON: per place,
// microseconds a frame of every round, for its decoding and with its merge into the state.

import { access, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

// Runs in either place. Clocks of browsers are coarse: whole passes are timed, not frames.
const program = `
import { readFrame } from './src/frame.js'
import { Decoder } from './src/delta.js'
import { Store } from './src/store.js'
import { partsOf } from './src/descriptor.js'

const passes = 40

function pass(messages, merging) {
  const { welcome, snapshot, deltas } = readFrame(messages[0])
  const parts = partsOf(welcome.descriptor.tables)
  const decoder = new Decoder(parts, welcome.sendEvery)
  const store = new Store()
  store.describe(welcome.descriptor.tables, parts)
  store.merge(decoder.groups, decoder.apply(snapshot.tick, snapshot.flags, deltas))
  const start = performance.now()
  for (let i = 1; i < messages.length; i++) {
    const f = readFrame(messages[i])
    const changes = decoder.apply(f.snapshot.tick, f.snapshot.flags, f.deltas)
    if (merging) store.merge(decoder.groups, changes)
  }
  return (1000 * (performance.now() - start)) / (messages.length - 1)
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1]
}

globalThis.measure = (texts, rounds) => {
  const messages = texts.map((text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)))
  const run = (merging) => median(Array.from({ length: passes }, () => pass(messages, merging)))
  for (let i = 0; i < 3; i++) run(true) // compiles, and again for what it has seen by then
  const decode = []
  const merge = []
  for (let i = 0; i < rounds; i++) {
    decode.push(run(false))
    merge.push(run(true))
  }
  return { decode, merge }
}
`

const [file, rounds = '7'] = process.argv.slice(2)
const texts = JSON.parse(await readFile(file, 'utf8'))
const { outputFiles } = await build({
  stdin: { contents: program, resolveDir: root, loader: 'ts' },
  absWorkingDir: root,
  bundle: true,
  format: 'iife',
  target: 'es2022',
  write: false,
  logLevel: 'warning',
})
const code = outputFiles[0].text

const found = {}
new Function(code)()
found.Node = globalThis.measure(texts, Number(rounds))
const chromium = await inChromium()
if (chromium) found.Chromium = chromium
console.log(JSON.stringify(found))

async function inChromium() {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
  try {
    await access(executablePath)
  } catch {
    return undefined // it is not installed
  }
  const playwright = await import('playwright-core')
  const browser = await playwright.chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  })
  try {
    const page = await browser.newPage()
    await page.addScriptTag({ content: code })
    return await page.evaluate(([list, n]) => globalThis.measure(list, n), [texts, Number(rounds)])
  } finally {
    await browser.close()
  }
}
