// Writes dist/: the SDK's modules, the demo page and its files. The result depends on the
// sources and the pinned esbuild only, so that a rebuild of a clean tree changes nothing.

import { copyFile, mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { mangled } from './mangle.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(root, 'dist')

const pattern = mangled(root)
const short = {} // the names given so far in the modules that see each other's internals

/** The modules of the SDK, by their names in dist/. The second is loaded by the first itself. */
export const entries = {
  roomtick: 'src/index.ts',
  'roomtick-keep': 'src/keep.ts',
  predict: 'src/predict.ts',
  interpolate: 'src/interpolate.ts',
  math: 'src/math.ts',
  match: 'src/match/index.ts',
}

/** The SDK as users load it stays outside of the modules that use it. */
const published = {
  name: 'published',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/src\/match\/index\.js$/ }, () => ({ path: './match.js', external: true }))
    onResolve({ filter: /^\.\.\/index\.js$/ }, () => ({ path: './roomtick.js', external: true }))
    onResolve({ filter: /(\/src|^\.)\/\w+\.js$/ }, ({ path, kind }) => {
      if (path.startsWith('./') && kind !== 'dynamic-import') return undefined
      const entry = `src/${basename(path, '.js')}.ts`
      const name = Object.keys(entries).find((key) => entries[key] === entry)
      return name && { path: `./${name}.js`, external: true }
    })
  },
}

/** Builds one bundle; more goes to esbuild. */
export async function bundle(entry, more) {
  // What JSON spells and what is public is nearly all of match.js: its names stay.
  const sdk = Object.values(entries).includes(entry) && entry !== entries.match
  const apart = entry === entries.predict || entry === entries.math // these use what is public only
  const result = await build({
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
    plugins: [published],
    ...(sdk && { mangleProps: pattern, mangleCache: apart ? {} : short }), // the page is read by tests
    ...more,
  })
  if (!apart) Object.assign(short, result.mangleCache)
  return result
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await mkdir(dist, { recursive: true })
  for (const [out, entry] of Object.entries({ ...entries, page: 'demo/page.ts' })) {
    await bundle(entry, { outfile: join(dist, `${out}.js`) })
  }
  await bundle('demo/page.css', { outfile: join(dist, 'page.css') })
  for (const name of ['index.html', 'favicon.svg']) await copyFile(join(root, 'demo', name), join(dist, name))
}
