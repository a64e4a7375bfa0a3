import assert from 'node:assert/strict'
import { test } from 'node:test'
import { atan2, cos, exp, f32, sin, sqrt, wrapAngle } from '../src/math.js'
import { goldenLines } from './golden.js'

const view = new DataView(new ArrayBuffer(4))

function fromBits(bits: number): number {
  view.setUint32(0, bits)
  return view.getFloat32(0)
}

function bitsOf(x: number): number {
  view.setFloat32(0, x)
  assert.ok(Object.is(view.getFloat32(0), x), `${x} is no float32`)
  return view.getUint32(0)
}

test('sin, cos, atan2 and exp give the bits that Go gives', () => {
  const list = goldenLines<Record<'X' | 'Y' | 'Sin' | 'Cos' | 'Atan2' | 'Exp', number>>('sim/testdata/math.jsonl')
  assert.ok(list.length > 100)
  for (const g of list) {
    const [x, y] = [fromBits(g.X), fromBits(g.Y)]
    assert.equal(bitsOf(sin(x)), g.Sin, `sin ${x}`)
    assert.equal(bitsOf(cos(x)), g.Cos, `cos ${x}`)
    assert.equal(bitsOf(atan2(y, x)), g.Atan2, `atan2 ${y} ${x}`)
    assert.equal(bitsOf(exp(y)), g.Exp, `exp ${y}`)
  }
})

test('every number has an answer', () => {
  for (const x of [0, -0, 1, -1, Infinity, -Infinity, Number.NaN, 3.4e38, -3.4e38, 1e-45]) {
    for (const y of [0, -0, Infinity, -Infinity, Number.NaN, -1]) {
      assert.ok(Math.abs(atan2(y, x)) <= f32(Math.PI), `atan2 ${y} ${x}`)
    }
    for (const v of [sin(x), cos(x)]) assert.ok(v >= -1 && v <= 1)
    for (const v of [exp(x), sqrt(x), wrapAngle(x)]) assert.ok(v >= 0)
    assert.ok(wrapAngle(x) < f32(2 * Math.PI))
  }
  assert.equal(atan2(-0, -1), f32(-Math.PI))
  assert.equal(wrapAngle(-1), f32(2 * Math.PI - 1))
  assert.equal(wrapAngle(-1e-9), 0)
  assert.equal(sqrt(2), f32(Math.SQRT2))
})
