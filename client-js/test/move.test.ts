import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Flight, move, type Steering } from '../demo/move.js'
import { f32 } from '../src/math.js'
import { snap } from './flight.js'
import { golden } from './golden.js'

interface Vector {
  readonly before: Required<Flight>
  readonly input: Steering
  /** After the movement, on the grid. */
  readonly after: Required<Flight>
}

/** JSON spells float32 as short as it can be without becoming another float32. */
function exact(flight: Required<Flight>): Flight {
  const { x, y, angle, vx, vy } = flight
  return { ...flight, x: f32(x), y: f32(y), angle: f32(angle), vx: f32(vx), vy: f32(vy) }
}

test('ships fly in the browser as on the server, bit by bit', () => {
  const vectors = golden<Vector[]>('sim/arena/testdata/move.json')
  assert.ok(vectors.length > 100)
  for (const { before, input, after } of vectors) {
    const ship = exact(before)
    move(ship, input, { dt: f32(1 / 20), tick: 1 })
    snap(ship as never)
    assert.deepEqual(ship, exact(after), JSON.stringify({ before, input }))
  }
})
