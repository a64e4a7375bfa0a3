// Prints what each entry point of the SDK weighs over the wire, and fails when one is
// heavier than package.json allows: budgets only ever go down. --modules lists the parts.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { bundle, entries } from './build.mjs'

const target = 8 * 1024 // bytes of the SDK core, gzipped: where it is meant to arrive
const manifest = join(dirname(fileURLToPath(import.meta.url)), '..', 'package.json')
const { sizeBudget } = JSON.parse(readFileSync(manifest, 'utf8'))

for (const [name, entry] of Object.entries(entries)) {
  const { outputFiles, metafile } = await bundle(entry, { write: false, metafile: true })
  const bytes = outputFiles[0].contents
  const packed = gzipSync(bytes, { level: 9 }).length
  const budget = sizeBudget[name]
  const aim = name === 'roomtick' ? `, target ${target}` : ''
  console.log(`${name}: ${packed} bytes gzipped, budget ${budget}${aim}; ${bytes.length} minified`)
  if (process.argv.includes('--modules')) listModules(metafile)
  if (packed <= budget) continue
  console.error(`${name} is ${packed - budget} bytes over its budget`)
  process.exitCode = 1
}

function listModules({ outputs }) {
  const parts = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs))
  for (const [path, { bytesInOutput }] of parts.sort((a, b) => b[1].bytesInOutput - a[1].bytesInOutput)) {
    console.log(`${String(bytesInOutput).padStart(8)} ${path}`)
  }
}
