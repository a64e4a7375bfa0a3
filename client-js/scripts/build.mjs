// Writes dist/: the SDK bundle, the demo page and its files. The result depends on the
// sources and the pinned esbuild only, so that a rebuild of a clean tree changes nothing.

import { copyFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { mangled } from './mangle.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(root, 'dist')

const pattern = mangled(root)

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
    // Fields are assigned by constructors: declaring them once more would only cost bytes.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false, verbatimModuleSyntax: true } },
    logLevel: 'warning',
    ...(Object.values(entries).includes(entry) && { mangleProps: pattern }), // the page is read by tests
  }
}

/** The entry points of the SDK, by their names in dist/. */
export const entries = {
  roomtick: 'src/index.ts',
  predict: 'src/predict.ts',
  interpolate: 'src/interpolate.ts',
  math: 'src/math.ts',
}
const bundles = { ...entries, page: 'demo/page.ts' }

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await mkdir(dist, { recursive: true })
  for (const [out, entry] of Object.entries(bundles)) {
    await build({ ...options(entry), outfile: join(dist, `${out}.js`) })
  }
  await build({ ...options('demo/page.css'), outfile: join(dist, 'page.css') })
  for (const name of ['index.html', 'favicon.svg']) await copyFile(join(root, 'demo', name), join(dist, name))
}
