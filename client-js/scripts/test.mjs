// Compiles test/*.test.ts into a temporary folder and runs them with node --test:
// Node 20 reads no TypeScript. Arguments go to node, such as --test-name-pattern.

import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { bundle, entries } from './build.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const tests = (await readdir(join(root, 'test'))).filter((name) => name.endsWith('.test.ts')).sort()
const out = await mkdtemp(join(tmpdir(), 'roomtick-test-'))
try {
  await build({
    absWorkingDir: root,
    entryPoints: tests.map((name) => `test/${name}`),
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'warning',
    define: { REPOSITORY: JSON.stringify(join(root, '..')), BUNDLES: JSON.stringify(join(out, 'dist')) },
  })
  for (const [name, entry] of Object.entries(entries))
    await bundle(entry, { outfile: join(out, 'dist', `${name}.mjs`) })
  const files = tests.map((name) => join(out, name.replace(/\.ts$/, '.mjs')))
  const run = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...process.argv.slice(2), ...files], {
    stdio: 'inherit',
  })
  process.exitCode = run.status ?? 1
} finally {
  await rm(out, { recursive: true, force: true })
}
