import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Decoder } from '../src/delta.js'
import { RoomError } from '../src/errors.js'
import { type Group, stride } from '../src/group.js'
import { pubHash } from '../src/hash.js'
import { bytes, type GoldenDescriptor, golden, parts, seeded } from './golden.js'

interface Streams {
  readonly descriptor: GoldenDescriptor
  readonly sendEvery: number
  readonly frames: readonly {
    readonly tick: number
    readonly flags: number
    readonly deltas: string
    readonly groups: readonly {
      readonly slot: number
      readonly kind: number
      readonly hash: number
      readonly strings: Record<string, string> | null
      readonly parts: readonly {
        readonly ids: readonly number[] | null
        readonly columns: readonly { r: number[] | null; v?: number[] | null; k?: number[] | null }[] | null
      }[]
    }[]
  }[]
}

const files = ['streams', 'sections'] as const
const streams = (file: (typeof files)[number] = 'streams') => golden<Streams>(`room/delta/testdata/${file}.json`)

function shown(group: Group, strings: Record<string, string> | null) {
  return {
    slot: group.slot,
    kind: group.kind,
    hash: pubHash(group),
    // The server may have let go of texts that no row uses any more.
    strings: Object.fromEntries(Object.keys(strings ?? {}).map((i) => [i, group.texts.get(Number(i))])),
    parts: group.parts.map((rows) => ({
      ids: [...rows.ids.subarray(0, rows.count)],
      columns: rows.columns.map(({ column, cells }) => {
        const each = (value: (row: number) => number | undefined) =>
          Array.from({ length: rows.count }, (_, row) => value(row))
        return {
          r: each((row) => cells[stride * row]),
          v: column.linear ? each((row) => cells[stride * row + 1]) : [],
          k: column.linear ? each((row) => rows.age(cells, row)) : [],
        }
      }),
    })),
  }
}

for (const file of files)
  test(`the decoder ends every golden frame of ${file} in the published state of the server`, () => {
    const { descriptor, sendEvery, frames } = streams(file)
    const decoder = new Decoder(parts(descriptor), sendEvery)
    assert.ok(frames.length > 10)
    for (const frame of frames) {
      decoder.apply(frame.tick, frame.flags, bytes(frame.deltas))
      assert.equal(decoder.groups.size, frame.groups.length, `groups at tick ${frame.tick}`)
      for (const want of frame.groups) {
        const group = decoder.groups.get(want.slot)
        assert.ok(group, `group ${want.slot} at tick ${frame.tick}`)
        const full = {
          ...want,
          strings: want.strings ?? {},
          parts: want.parts.map((p) => ({
            ids: p.ids ?? [],
            columns: (p.columns ?? []).map((c) => ({ r: c.r ?? [], v: c.v ?? [], k: c.k ?? [] })),
          })),
        }
        assert.deepEqual(shown(group, want.strings), full, `group ${want.slot} at tick ${frame.tick}`)
      }
    }
  })

/** Applies all frames, number at replaced, and says which of them were refused. */
function refused(at: number, deltas: Uint8Array): boolean {
  const { descriptor, sendEvery, frames } = streams()
  const decoder = new Decoder(parts(descriptor), sendEvery)
  for (const [i, frame] of frames.slice(0, at + 1).entries()) {
    try {
      decoder.apply(frame.tick, frame.flags, i === at ? deltas : bytes(frame.deltas))
    } catch (error) {
      assert.ok(error instanceof RoomError, `threw ${error}`)
      assert.equal(error.code, 'malformed')
      assert.equal(i, at)
      return true
    }
  }
  return false
}

test('every prefix of a golden keyframe that cuts a group in two is refused', () => {
  const whole = bytes(streams().frames[0]?.deltas ?? '')
  assert.equal(refused(0, whole), false)
  let accepted = 0
  for (let n = 1; n < whole.length; n++) if (!refused(0, whole.subarray(0, n))) accepted++
  // Only a cut between two groups leaves a frame that is whole in itself.
  assert.ok(accepted <= (streams().frames[0]?.groups.length ?? 0), `${accepted} prefixes were accepted`)
})

test('a step from a baseline that the client does not have is refused', () => {
  const { descriptor, sendEvery, frames } = streams()
  const decoder = new Decoder(parts(descriptor), sendEvery)
  const last = frames[frames.length - 1]
  const step = frames.find((f) => f.flags & 1)
  assert.ok(last && step)
  assert.throws(() => decoder.apply(step.tick, step.flags, bytes(step.deltas)), /4\.3/)
})

for (const file of files)
  test(`mutated deltas of ${file} end in an error or a state, never in a hang or a flood of rows`, () => {
    const seed = 20261121
    const random = seeded(seed)
    const { descriptor, sendEvery, frames } = streams(file)
    const flips = 1500
    let refusedCount = 0
    for (let n = 0; n < flips; n++) {
      const decoder = new Decoder(parts(descriptor), sendEvery)
      const at = Math.floor(random() * frames.length)
      for (const [i, frame] of frames.entries()) {
        const deltas = bytes(frame.deltas)
        const hit = Math.floor(random() * deltas.length)
        if (i === at) deltas.set([(deltas[hit] ?? 0) ^ (1 << Math.floor(random() * 8))].slice(0, deltas.length), hit)
        try {
          decoder.apply(frame.tick, frame.flags, deltas)
        } catch (error) {
          assert.ok(error instanceof RoomError, `seed ${seed}, mutation ${n}: ${error}`)
          refusedCount++
          break
        }
        let rows = 0
        for (const group of decoder.groups.values()) for (const p of group.parts) rows += p.count
        assert.ok(rows <= 8 * 4096, `seed ${seed}, mutation ${n}: ${rows} rows`)
      }
    }
    assert.ok(refusedCount > flips / 4, `only ${refusedCount} of ${flips} mutations were noticed`)
  })

test('a claim of more rows than the frame has bits for is refused', () => {
  const { descriptor } = streams()
  const decoder = new Decoder(parts(descriptor), 1)
  // slot 0 keyframe, kind 0, no strings, then 65,535 rows of ids that are all zero apart
  const claim = bytes('0200fefff70000')
  assert.throws(() => decoder.apply(1, 8, claim), RoomError)
  assert.equal(decoder.groups.get(0)?.parts[0]?.ids.length ?? 0, 0)
})

test('a group that comes twice in a frame, and a span of less than two, are refused', () => {
  const { descriptor } = streams()
  const empty = `0200${'00'.repeat(3)}` // slot 0 keyframe of kind 0 without rows
  const once = new Decoder(parts(descriptor), 1)
  once.apply(1, 8, bytes(empty))
  assert.throws(() => new Decoder(parts(descriptor), 1).apply(1, 8, bytes(empty + empty)), /4\.9/)
  assert.throws(() => once.apply(1, 0, bytes('0101')), /4\.3/)
})
