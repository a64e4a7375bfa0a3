// Which property names the bundles may shorten: those that only our own internals use.
// A name stays if a public module declares it, if the language or the browser has it, or
// if it is spelled in stored or transmitted JSON.

import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Modules whose members users see, or that the entry points share. */
const publicModules = [
  'clock',
  'descriptor',
  'emitter',
  'env',
  'errors',
  'game',
  'index',
  'interpolate',
  'join',
  'math',
  'predict',
  'room',
  'store',
  'view',
  'tick',
]
const json = ['url', 'token', 'secret', 'lock', 'game', 'name', 'code', 'detail', 'hint']
const shared = ['payload', 'traffic', 'in', 'out', 'frames', 'tick']
/** Names that the platform or a public module has too, but that here only internals are called by. */
const internal = (
  'align changed columns descriptor drop end ended eventAck groups heard index linear offset ' +
  'part parts places present samples settle shown since slot slots start store target touched waiting ' +
  'numbers empty buf span symbols rows sends cells active left peek load read write ' +
  'watched describe entry uplink session emitter flush line smooth track steps tracks early gone frame sent take forget prune newest complete'
).split(' ')

const member =
  /^\s+(?:(?:readonly|static|override|get|set|async|public|private|declare) )*\*?(\w+)[?!]?\s*(?:[:(<=;,]|$)/gm
const privateMember = /^\s+private (?:(?:readonly|static|get|set|async) )*(\w+)/gm

/** A pattern for esbuild's mangleProps. */
export function mangled(root) {
  const ours = new Set()
  const kept = new Set([...json, ...shared, ...platformNames()])
  for (const file of readdirSync(join(root, 'src')).filter((name) => name.endsWith('.ts'))) {
    const text = readFileSync(join(root, 'src', file), 'utf8')
    const isPublic = publicModules.includes(file.slice(0, -3))
    const hidden = new Set(names(text, privateMember))
    for (const name of hidden) ours.add(name)
    for (const name of names(text, member)) {
      if (!isPublic) ours.add(name)
      else if (!hidden.has(name)) kept.add(name)
    }
  }
  const list = [...new Set([...ours].filter((name) => !kept.has(name)).concat(internal))].sort()
  return new RegExp(`^(?:${list.join('|')})$`)
}

function names(text, pattern) {
  return [...text.matchAll(pattern)].map(([, name]) => name)
}

/** Every member that the language's and the browser's own declarations mention. */
function platformNames() {
  const compiler = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
  const folder = join(compiler, 'lib')
  const found = []
  for (const file of declarations(folder, compiler)) {
    found.push(...names(readFileSync(file, 'utf8'), /^\s+(?:readonly |get |set )*(\w+)[?]?[:(<]/gm))
  }
  if (found.length < 5000) throw new Error('the declarations of the platform were not found')
  return found
}

function declarations(folder, compiler) {
  const own = readdirSync(folder).filter((name) => /^lib\..*\.d\.ts$/.test(name))
  if (own.length > 0) return own.map((name) => join(folder, name))
  const native = join(compiler, '..', '@typescript')
  return readdirSync(native, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(^|[\\/])lib\.[^\\/]*\.d\.ts$/.test(name))
    .map((name) => join(native, name))
}
