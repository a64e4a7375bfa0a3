import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Descriptor, type Field, FieldKind, partsOf } from '../src/descriptor.js'

/** The repository's root; set by scripts/test.mjs. */
declare const REPOSITORY: string

/** Reads a golden file that the Go tests write. A missing one fails the test. */
export function golden<T>(path: string): T {
  return JSON.parse(readFileSync(join(REPOSITORY, path), 'utf8')) as T
}

/** Reads a golden file of one JSON value a line. */
export function goldenLines<T>(path: string): T[] {
  const lines = readFileSync(join(REPOSITORY, path), 'utf8').trim().split('\n')
  return lines.map((line) => JSON.parse(line) as T)
}

/** A field as golden files spell it. */
export type GoldenField = Partial<Omit<Field, 'kind'>> & { name: string; kind: string }

export interface GoldenDescriptor {
  readonly tables: readonly { name: string; single?: boolean; fields: readonly GoldenField[] }[]
  readonly input?: readonly GoldenField[]
  readonly events?: readonly { name: string; fromClient?: boolean; timed?: boolean; fields: readonly GoldenField[] }[]
}

export function field(f: GoldenField): Field {
  const kind = FieldKind[f.kind as keyof typeof FieldKind]
  if (kind === undefined) throw new Error(`unknown kind ${f.kind}`)
  return { bits: 0, min: 0, max: 0, step: 0, tolerance: 0, flags: 0, count: 0, ...f, kind }
}

export function descriptor(d: GoldenDescriptor): Descriptor {
  const fields = (list: readonly GoldenField[] | null | undefined) => (list ?? []).map(field)
  return {
    tables: d.tables.map((t) => ({ name: t.name, single: t.single ?? false, fields: fields(t.fields) })),
    input: fields(d.input),
    events: (d.events ?? []).map((e) => ({
      name: e.name,
      fromClient: e.fromClient ?? false,
      timed: e.timed ?? false,
      fields: fields(e.fields),
    })),
  }
}

export function parts(d: GoldenDescriptor) {
  return partsOf(descriptor(d).tables)
}

export function bytes(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

export function hex(b: Uint8Array): string {
  return Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('')
}

/** A generator of random numbers from 0 to 1 that a seed repeats (mulberry32). */
export function seeded(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
