import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteBuffer } from 'flatbuffers'
import { type Outgoing, readFrame, writeFrame } from '../src/frame.js'
import { ClientFrame } from '../src/wire/client-frame.js'
import { bytes, type GoldenDescriptor, golden, descriptor as goldenDescriptor, hex, seeded } from './golden.js'

interface GoldenFrame {
  readonly name: string
  readonly side: 'server' | 'client'
  readonly hex: string
  readonly frame: {
    readonly snapshot?: object
    readonly deltas?: string
    readonly events?: string
    readonly eventSeq?: number
    readonly eventAck?: number
    readonly clock?: object
    readonly welcome?: { epoch: string; seatTimeoutMs: number; descriptor?: GoldenDescriptor | null } & Record<
      string,
      unknown
    >
    readonly goodbye?: object
    readonly state?: { ack: number; view: number; eventAck: number }
    readonly inputs?: string
    readonly hashes?: readonly { group: number; tick: number; hash: number }[]
    readonly clockSent?: number
    readonly rateHz?: number
    readonly hello?: { sdk: string; descriptorHash: string; epoch: string; tick: number; eventAck: number }
    readonly leave?: boolean
  }
}

const frames = (side: GoldenFrame['side']) => {
  const list = golden<GoldenFrame[]>('schema/testdata/frames.json').filter((f) => f.side === side)
  assert.ok(list.length > 5)
  return list
}

test('server frames written by Go read as what Go put in', () => {
  for (const { name, hex: text, frame } of frames('server')) {
    const f = readFrame(bytes(text))
    assert.deepEqual(f.snapshot, frame.snapshot, name)
    assert.equal(hex(f.deltas), frame.deltas ?? '', name)
    assert.equal(hex(f.events), frame.events ?? '', name)
    assert.equal(f.eventSeq, frame.eventSeq ?? 0, name)
    assert.equal(f.eventAck?.sequence, frame.eventAck, name)
    assert.deepEqual(f.clock, frame.clock, name)
    assert.deepEqual(f.goodbye, frame.goodbye, name)
    const welcome = frame.welcome && {
      ...frame.welcome,
      epoch: BigInt(frame.welcome.epoch),
      descriptor: frame.welcome.descriptor
        ? { game: 'arena', ...goldenDescriptor(frame.welcome.descriptor) }
        : undefined,
    }
    assert.deepEqual(f.welcome, welcome, name)
  }
})

test('every prefix of a server frame is refused', () => {
  for (const { name, hex: text } of frames('server')) {
    const whole = bytes(text)
    for (let n = 0; n < whole.length; n++)
      if (n < whole.length - 7 || whole.subarray(n).some((b) => b !== 0))
        assert.throws(() => readFrame(whole.subarray(0, n)), `${name} ${n}`)
  }
})

test('mutated server frames read as something or throw, and never hang', () => {
  const seed = 7
  const random = seeded(seed)
  for (const { hex: text } of frames('server')) {
    for (let n = 0; n < 800; n++) {
      const b = bytes(text)
      for (let flips = 1 + Math.floor(random() * 3); flips > 0; flips--) {
        const at = 4 + Math.floor(random() * (b.length - 4))
        b.set([(b[at] ?? 0) ^ (1 << Math.floor(random() * 8))], at)
      }
      try {
        const f = readFrame(b)
        assert.ok(f.deltas.length <= b.length && f.events.length <= b.length)
      } catch {
        // What is thrown does not matter here: a conn takes anything for a protocol error.
      }
    }
  }
})

test('client frames hold what Go put into its own', () => {
  for (const { name, hex: text, frame } of frames('client')) {
    const out: Outgoing = {
      ...(frame.state && { state: frame.state }),
      ...(frame.inputs !== undefined && { inputs: bytes(frame.inputs) }),
      ...(frame.hashes?.[0] && { hashes: frame.hashes.slice(0, 1) }),
      ...(frame.clockSent !== undefined && { clock: frame.clockSent }),
      ...(frame.events !== undefined && { events: bytes(frame.events) }),
      ...(frame.eventSeq !== undefined && { eventSeq: frame.eventSeq }),
      ...(frame.rateHz !== undefined && { hz: frame.rateHz }),
      ...(frame.hello && { hello: { ...frame.hello, epoch: BigInt(frame.hello.epoch) } }),
      ...(frame.leave !== undefined && { leave: frame.leave }),
    }
    assert.deepEqual(inside(writeFrame(out)), inside(bytes(text)), name)
  }
})

/** What the generated readers see in a client frame, with at most one hash. */
function inside(b: Uint8Array) {
  const f = ClientFrame.getSizePrefixedRootAsClientFrame(new ByteBuffer(b))
  assert.equal(new ByteBuffer(b).readUint32(0), b.length - 4)
  const [state, hash, hello] = [f.state(), f.hashes(0), f.hello()]
  return {
    state: state && [state.ack(), state.view(), state.eventAck()],
    inputs: f.inputsArray(),
    hash: f.hashesLength() > 0 && hash && [hash.group(), hash.tick(), hash.hash()],
    clock: f.clock()?.sent(),
    events: f.eventsArray(),
    eventSeq: f.eventSeq(),
    hz: f.rate()?.hz(),
    hello: hello && [hello.sdk() ?? '', hello.descriptorHash() ?? '', hello.epoch(), hello.tick(), hello.eventAck()],
    leave: f.leave(),
  }
}
