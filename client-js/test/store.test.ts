import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Decoder } from '../src/delta.js'
import { partsOf } from '../src/descriptor.js'
import { type Entity, Store, type Table } from '../src/store.js'
import { descriptor } from './golden.js'
import { ducks, gone, join, keyframe, noRows, pond, resting, span } from './server.js'

interface Duck {
  hp: number
  ammo: number | undefined
}

/** A store of the pond with a log of what it called back. */
function open() {
  const parts = partsOf(pond.tables)
  const decoder = new Decoder(parts, 1)
  const store = new Store()
  store.describe(pond.tables, parts)
  const table = store.tables.get('ducks') as unknown as Table<Duck>
  const log: string[] = []
  table.onAdd((d) => log.push(`+${d.id} hp ${d.hp}`))
  table.onChange((d) => log.push(`~${d.id} hp ${d.hp}`))
  table.onRemove((d) => log.push(`-${d.id} hp ${d.hp}`))
  const apply = (tick: number, ...deltas: Uint8Array[]) => {
    log.length = 0
    store.merge(decoder.groups, decoder.apply(tick, 0, join(...deltas)))
    return log.join(', ')
  }
  const reset = (tick: number, ...deltas: Uint8Array[]) => {
    log.length = 0
    store.merge(decoder.groups, decoder.apply(tick, 8, join(...deltas)))
    return log.join(', ')
  }
  return { store, table, apply, reset }
}

const world = (rows: Record<number, number>, slot = 0) => keyframe(slot, 0, [ducks(rows), noRows])

test('a keyframe adds its entities and shows their fields by name', () => {
  const { table, apply } = open()
  assert.equal(apply(1, world({ 7: 100, 9: 50 })), '+7 hp 100, +9 hp 50')
  assert.equal(table.size, 2)
  assert.deepEqual(
    [...table].map((d) => d.id),
    [7, 9],
  )
  assert.equal(table.get(9)?.hp, 50)
  assert.equal(table.get(9)?.mine, false)
  assert.equal(JSON.stringify(table.get(7)), '{"id":7,"mine":false,"hp":100}')
})

test('onAdd tells of the entities that are there already', () => {
  const { table, apply } = open()
  apply(1, world({ 7: 100 }))
  const seen: number[] = []
  const off = table.onAdd((d) => seen.push(d.id))
  apply(2, world({ 7: 100, 8: 1 }))
  off()
  apply(3, world({ 7: 100, 8: 1, 9: 1 }))
  assert.deepEqual(seen, [7, 8])
})

test('a view stays the same object through keyframes and resets', () => {
  const { table, apply, reset } = open()
  apply(1, world({ 7: 100, 9: 50 }))
  const view = table.get(7)
  assert.equal(apply(2, world({ 7: 90, 9: 50 })), '~7 hp 90, ~9 hp 50')
  assert.equal(reset(3, world({ 7: 80 })), '~7 hp 80, -9 hp 50')
  assert.equal(table.get(7), view)
  assert.equal(view?.hp, 80)
})

test('a row that leaves lets the last row move into its place', () => {
  const { table, apply } = open()
  apply(1, world({ 1: 10, 2: 20, 3: 30 }))
  const three = table.get(3)
  const left = { leaves: [{ row: 0, reason: 0 as const }], survivors: 2 }
  assert.equal(apply(3, span(0, 2, [left, { survivors: 0 }])), '-1 hp 10')
  assert.equal(three?.hp, 30)
  assert.deepEqual([...table].map((d) => d.id).sort(), [2, 3])
})

test('an id that despawns and enters again in one batch stays one entity', () => {
  const { table, apply } = open()
  apply(1, world({ 1: 10, 2: 20 }))
  const again = { leaves: [{ row: 0, reason: 0 as const }], enters: [1], columns: resting([11]), survivors: 1 }
  assert.equal(apply(3, span(0, 2, [again, { survivors: 0 }])), '~1 hp 11')
  assert.equal(table.size, 2)
})

const stay = { survivors: 0 }

test('a row that moves to a group in the same frame is not removed', () => {
  const { apply } = open()
  apply(1, world({ 1: 10 }, 0), world({ 2: 20 }, 1))
  const out = { leaves: [{ row: 0, reason: 2 as const, dest: 1 }], survivors: 0 }
  const into = { enters: [1], columns: resting([10]), survivors: 1 }
  assert.equal(apply(3, span(0, 2, [out, stay]), span(1, 2, [into, stay])), '~1 hp 10')
})

test('a moved row is kept until its destination is heard of, then found there', () => {
  const { table, apply } = open()
  apply(1, world({ 1: 10 }, 0), world({ 2: 20 }, 1))
  const view = table.get(1)
  const out = { leaves: [{ row: 0, reason: 2 as const, dest: 1 }], survivors: 0 }
  apply(3, span(0, 2, [out, stay]))
  assert.equal(table.get(1), view, 'kept')
  assert.equal(view?.hp, 10)
  const into = { enters: [1], columns: resting([12]), survivors: 1 }
  assert.equal(apply(5, span(1, 4, [into, stay])), '~1 hp 12')
  assert.equal(table.get(1), view)
})

test('a moved row goes when its destination turns out not to have it', () => {
  const { apply } = open()
  apply(1, world({ 1: 10 }, 0), world({ 2: 20 }, 1))
  const out = { leaves: [{ row: 0, reason: 2 as const, dest: 1 }], survivors: 0 }
  assert.equal(apply(3, span(0, 2, [out, stay])), '~1 hp 10')
  assert.equal(apply(5, span(1, 4, [{ survivors: 1 }, stay])), '-1 hp 10')
})

test('a moved row goes at once when its destination is not in sight', () => {
  const { apply } = open()
  apply(1, world({ 1: 10 }, 0))
  const out = { leaves: [{ row: 0, reason: 2 as const, dest: 9 }], survivors: 0 }
  assert.equal(apply(3, span(0, 2, [out, stay])), '-1 hp 10')
})

test('a waiting row goes with the group it was to move to', () => {
  const { apply } = open()
  apply(1, world({ 1: 10 }, 0), world({ 2: 20 }, 1))
  const out = { leaves: [{ row: 0, reason: 2 as const, dest: 1 }], survivors: 0 }
  apply(3, span(0, 2, [out, stay]))
  assert.equal(apply(4, gone(1)).split(', ').sort().join(), '-1 hp 10,-2 hp 20')
})

test('of two groups that hold a row the newer one wins, and a newer one takes over', () => {
  const { table, apply } = open()
  apply(1, world({ 1: 10 }, 0))
  assert.equal(apply(2, world({ 1: 99 }, 1)), '~1 hp 99')
  assert.equal(apply(3, gone(1), world({ 1: 11 }, 0)), '~1 hp 11')
  assert.equal(table.size, 1)
  assert.equal(apply(4, gone(0)), '-1 hp 11')
})

test('an owner row waits for its entity, and makes it mine', () => {
  const { table, apply } = open()
  const own = (ammo: number) => keyframe(1, 3, [noRows, { ids: [1], columns: resting([ammo]) }, noRows])
  assert.equal(apply(1, own(5)), '')
  assert.equal(table.size, 0)
  assert.equal(apply(2, world({ 1: 10 })), '+1 hp 10')
  const duck = table.get(1)
  assert.equal(duck?.ammo, 5)
  assert.equal(duck?.mine, true)
  assert.equal(apply(3, gone(1)), '~1 hp 10')
  assert.equal(duck?.mine, false)
  assert.equal(duck?.ammo, undefined)
})

test('a table without owner fields says what is mine, too', () => {
  const flock = descriptor({
    tables: [{ name: 'geese', fields: [{ name: 'hp', kind: 'Uint', bits: 8 }] }],
    input: [],
    events: [],
  })
  const parts = partsOf(flock.tables)
  const decoder = new Decoder(parts, 1)
  const store = new Store()
  store.describe(flock.tables, parts)
  const geese = store.tables.get('geese') as Table
  const log: string[] = []
  geese.onAdd((g) => log.push(`+${g.id} ${g.mine}`))
  geese.onChange((g) => log.push(`~${g.id} ${g.mine}`))
  const own = keyframe(1, 3, [noRows, { ids: [8], columns: [] }])
  const both = join(keyframe(0, 0, [ducks({ 7: 1, 8: 2 })]), own)
  store.merge(decoder.groups, decoder.apply(1, 0, both))
  assert.deepEqual(log.splice(0), ['+7 false', '+8 true'], 'onAdd knows it already')
  const left = { leaves: [{ row: 0, reason: 1 as const }], survivors: 0 }
  const taken = join(span(0, 2, [{ survivors: 2 }]), span(1, 2, [{ survivors: 0 }, left]))
  store.merge(decoder.groups, decoder.apply(3, 0, taken))
  assert.deepEqual(log, ['~8 false'])
})

test('an entity keeps its last values when it is removed, for whoever still draws it', () => {
  const { table, apply } = open()
  apply(1, world({ 1: 10, 2: 20 }))
  let last: Entity<Duck> | undefined
  table.onRemove((d) => {
    last = d
  })
  apply(2, world({ 2: 21 }))
  assert.equal(last?.hp, 10)
  assert.equal(last?.id, 1)
})

test('a listener that throws keeps nobody else from being called', (t) => {
  const { table, apply } = open()
  const later: (() => void)[] = []
  t.mock.method(globalThis, 'queueMicrotask', (fn: () => void) => void later.push(fn))
  const seen: number[] = []
  table.onAdd(() => {
    throw new Error('mine')
  })
  table.onAdd((d) => seen.push(d.id))
  apply(1, world({ 1: 10 }))
  assert.deepEqual(seen, [1])
  assert.throws(() => later[0]?.(), /mine/, 'the page still hears of it')
})

test('an older row in a group that is sent less often does not bring an entity back', () => {
  const { table, apply } = open()
  apply(1, world({ 7: 100 }, 5)) // a far cell, not sent again
  apply(2, world({ 7: 90 }, 6)) // the entity has moved near
  assert.equal(table.get(7)?.hp, 90)
  assert.equal(apply(3, gone(6)), '-7 hp 90')
})
