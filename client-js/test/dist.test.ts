import assert from 'node:assert/strict'
import { join as path } from 'node:path'
import { test } from 'node:test'
import { move } from '../demo/move.js'
import type { Env } from '../src/env.js'
import { settle } from './env.js'
import { fly } from './flight.js'

/** Where scripts/test.mjs has built the entry points as they are published. */
declare const BUNDLES: string

type Index = typeof import('../src/index.js')
type Predict = typeof import('../src/predict.js')
type Interpolate = typeof import('../src/interpolate.js')

test('the published bundles work together: names were shortened alike', async () => {
  const { join, RoomError } = (await import(path(BUNDLES, 'roomtick.mjs'))) as Index
  const { predict } = (await import(path(BUNDLES, 'predict.mjs'))) as Predict
  const { interpolate } = (await import(path(BUNDLES, 'interpolate.mjs'))) as Interpolate
  const keeping = () => import(path(BUNDLES, 'roomtick-keep.mjs')) as ReturnType<Env['keeping']>
  const { env, server, room } = await fly(40, 100, join, keeping)
  await keeping()
  await settle()
  const predictor = predict(room, 'ships', move)
  const drawn = interpolate(room)
  const shots: number[] = []
  room.events.on('shot', ({ size }) => shots.push(size))
  room.input({ turn: 1, thrust: true })
  server.run(3000, () => {
    server.others.set(9, { x: server.tick, y: 0, angle: 0, thrust: false })
    drawn.begin()
    predictor.view()
  })
  assert.equal(predictor.correction, 0)
  assert.ok(server.used.at(-1)?.thrust)
  const seen = [...drawn.all(room.state.ships)].map((s) => [s.id, s.mine, s.entity.id])
  assert.deepEqual(seen, [
    [7, true, 7],
    [9, false, 9],
  ])
  server.events.push({ age: 0, size: 5 })
  server.run(500, () => drawn.begin())
  assert.deepEqual(shots, [5])
  assert.equal(JSON.stringify(room.state.ships.get(9)?.thrust), 'false')
  assert.deepEqual([room.connState, room.seat, room.tickRate, room.id], ['open', 3, 20, 'pond-1'])
  assert.ok(room.traffic.in > 0 && room.traffic.frames > 0 && room.clock.ready && room.clock.rtt > 0)
  assert.equal(room.state.ships.fields[0]?.max, 12000)
  env.socket.end()
  server.run(300)
  server.accept(env.socket)
  server.run(500)
  assert.equal(room.connState, 'open')
  const offline = new (env.constructor as new () => typeof env)()
  const failing = join('pond', { env: offline }).catch((e: unknown) => e)
  for (let i = 0; i < 8; i++) {
    await settle()
    offline.pass(1000)
  }
  const failed = await failing
  assert.ok(failed instanceof RoomError && failed.code === 'unreachable' && failed.hint !== '')
  room.leave()
})
