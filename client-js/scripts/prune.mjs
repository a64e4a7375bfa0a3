// An esbuild plugin that leaves out methods nobody calls from the generated wire classes
// and the flatbuffers runtime. Bundlers keep every method of a class they keep; here that
// would be half of the SDK. A method stays if its name appears after a dot anywhere in
// our sources or in another method that stays, so the cut can only be too small.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const generated = /[\\/]src[\\/]wire[\\/][\w-]+\.ts$/
const runtime = /[\\/]flatbuffers[\\/]mjs[\\/](builder|byte-buffer)\.js$/

/** A method from its first line to the closing brace at the same indentation. */
const method = /^( {4})?(?:static )?(\w+)\([^\n]*\{\n[\s\S]*?\n\1\}\n/gm

export function prune(root) {
  return {
    name: 'prune',
    setup(build) {
      const kept = keptNames(root)
      const onLoad = (filter, loader) =>
        build.onLoad({ filter }, ({ path }) => ({ contents: cut(readFileSync(path, 'utf8'), kept), loader }))
      onLoad(generated, 'ts')
      onLoad(runtime, 'js')
    },
  }
}

function cut(text, kept) {
  return text.replaceAll(method, (body, _indent, name) => (kept.has(name) ? body : ''))
}

/** Every name that is called, to a fixed point over the bodies that stay. */
function keptNames(root) {
  const kept = new Set(['constructor', '__init'])
  for (const folder of ['src', 'demo']) {
    for (const name of readdirSync(join(root, folder))) {
      if (name.endsWith('.ts')) mention(readFileSync(join(root, folder, name), 'utf8'), kept)
    }
  }
  const bodies = new Map()
  for (const text of targets(root)) {
    for (const [body, , name] of text.matchAll(method)) bodies.set(name, (bodies.get(name) ?? '') + body)
  }
  for (let size = 0; size !== kept.size; ) {
    size = kept.size
    for (const [name, body] of bodies) if (kept.has(name)) mention(body, kept)
  }
  return kept
}

function mention(text, names) {
  for (const [, name] of text.matchAll(/\.(\w+)/g)) names.add(name)
}

function targets(root) {
  const wire = join(root, 'src', 'wire')
  const runtimeFolder = join(root, 'node_modules', 'flatbuffers', 'mjs')
  const files = readdirSync(wire).map((name) => join(wire, name))
  files.push(join(runtimeFolder, 'builder.js'), join(runtimeFolder, 'byte-buffer.js'))
  return files.map((path) => readFileSync(path, 'utf8'))
}
