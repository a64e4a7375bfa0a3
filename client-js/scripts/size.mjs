// Prints what the SDK weighs over the wire and fails beyond its budget.

import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { options } from './build.mjs'

const budget = 8 * 1024 // bytes of the SDK core, gzipped

const { outputFiles } = await build({ ...options('src/index.ts'), write: false })
const bytes = outputFiles[0].contents
const packed = gzipSync(bytes, { level: 9 }).length
console.log(`SDK core: ${packed} bytes gzipped of ${budget}, ${bytes.length} minified`)
if (packed > budget) {
  console.error(`SDK core is ${packed - budget} bytes over its budget`)
  process.exitCode = 1
}
