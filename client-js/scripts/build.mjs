// Writes dist/: the SDK bundle, the demo page and its files. The result depends on the
// sources and the pinned esbuild only, so that a rebuild of a clean tree changes nothing.

import { copyFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { prune } from './prune.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(root, 'dist')

/** Options of every bundle; size.mjs measures with the same. */
export function options(entry) {
  return {
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [prune(root)],
  }
}

const bundles = { 'roomtick.js': 'src/index.ts', 'interpolate.js': 'src/interpolate.ts', 'page.js': 'demo/page.ts' }

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await mkdir(dist, { recursive: true })
  for (const [out, entry] of Object.entries(bundles)) {
    await build({ ...options(entry), outfile: join(dist, out) })
  }
  for (const name of ['index.html', 'page.css']) await copyFile(join(root, 'demo', name), join(dist, name))
}
