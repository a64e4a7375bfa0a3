import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partsOf } from '../src/descriptor.js'
import { Rows, stride } from '../src/group.js'
import { reader } from '../src/value.js'
import { field, type GoldenField, golden } from './golden.js'

interface GoldenValues {
  readonly field: GoldenField
  readonly column: number
  readonly r: readonly (number | readonly number[])[]
  readonly value: readonly unknown[]
}

/** Rows of a table with only this field; each r holds the columns of one value. */
function rowsOf(f: ReturnType<typeof field>, r: GoldenValues['r']): Rows {
  const [part] = partsOf([{ name: 't', single: false, fields: [{ ...f, flags: f.flags & ~2 }] }])
  assert.ok(part)
  const rows = new Rows(part, new Map())
  r.forEach((one, row) => {
    rows.enter(row + 1)
    for (const [i, v] of (typeof one === 'number' ? [one] : one).entries())
      rows.columns[i]?.cells.set([v], stride * row)
  })
  return rows
}

/** 64-bit integers come as strings or numbers; here they are BigInts. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  return Array.isArray(value) ? value.map(plain) : value
}

test('values decode from R exactly as the server says', () => {
  const list = golden<GoldenValues[]>('sim/testdata/values.json')
  assert.ok(list.length > 10)
  for (const { field: spec, column, r, value } of list) {
    const f = field(spec)
    const rows = rowsOf(f, r)
    const read = reader(f, column)
    r.forEach((_, row) => {
      const got = plain(read(rows, row))
      const want = typeof got === 'string' && f.kind !== 6 ? String(value[row]) : value[row]
      assert.deepEqual(got, want, `${spec.kind} ${JSON.stringify(spec)} r ${JSON.stringify(r[row])}`)
    })
  }
})
