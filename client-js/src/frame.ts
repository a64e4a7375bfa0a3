import { Builder, ByteBuffer } from 'flatbuffers'
import { type Descriptor, readDescriptor } from './descriptor.js'
import { malformed } from './errors.js'
import { ClientFrame } from './wire/client-frame.js'
import { ClientState } from './wire/client-state.js'
import { ClockRequest } from './wire/clock-request.js'
import { Hello } from './wire/hello.js'
import { PubHash } from './wire/pub-hash.js'
import { RateRequest } from './wire/rate-request.js'
import { ServerFrame } from './wire/server-frame.js'

export interface Snapshot {
  readonly tick: number
  readonly epoch: number
  readonly inputAck: number
  readonly eventAck: number
  readonly inputHealth: number
  readonly flags: number
}

export interface Welcome {
  readonly room: string
  readonly seat: number
  readonly player: string
  readonly epoch: bigint
  readonly secret: string
  readonly tick: number
  readonly tickRate: number
  readonly sendEvery: number
  readonly resumed: boolean
  readonly eventAck: number
  readonly eventsDropped: number
  readonly descriptorHash: string
  /** Left out if the hello named its hash. */
  readonly descriptor: Descriptor | undefined
}

export interface Goodbye {
  readonly code: number
  readonly reason: string
  readonly hint: string
  readonly retryMs: number
  readonly reconnect: boolean
}

export interface ClockReply {
  readonly received: number
  readonly replied: number
  readonly sent: number
}

/** One frame of the server; byte vectors alias it. */
export interface Incoming {
  readonly snapshot: Snapshot | undefined
  readonly deltas: Uint8Array
  readonly events: Uint8Array
  readonly eventSeq: number
  readonly clock: ClockReply | undefined
  readonly welcome: Welcome | undefined
  readonly goodbye: Goodbye | undefined
}

/** One frame to the server: any mix of its parts. */
export interface Outgoing {
  readonly state?: { readonly ack: number; readonly view: number; readonly eventAck: number }
  readonly inputs?: Uint8Array
  readonly hash?: { readonly group: number; readonly tick: number; readonly hash: number }
  readonly clock?: number
  readonly events?: Uint8Array
  readonly eventSeq?: number
  readonly hz?: number
  readonly hello?: {
    readonly sdk: string
    readonly descriptorHash: string
    readonly epoch: bigint
    readonly tick: number
    readonly eventAck: number
  }
  readonly leave?: boolean
}

const nothing = new Uint8Array(0)

/** Reads a server frame; throws if it is not one. Nothing is trusted but its length. */
export function readFrame(bytes: Uint8Array): Incoming {
  const bb = new ByteBuffer(bytes)
  if (bytes.length < 8 || bb.readUint32(0) !== bytes.length - 4) throw malformed('frame of the wrong length')
  const f = ServerFrame.getSizePrefixedRootAsServerFrame(bb)
  const clock = f.clock()
  return {
    snapshot: readSnapshot(f),
    deltas: f.deltasArray() ?? nothing,
    events: f.eventsArray() ?? nothing,
    eventSeq: f.eventSeq(),
    clock: clock ? { received: clock.received(), replied: clock.replied(), sent: clock.sent() } : undefined,
    welcome: readWelcome(f),
    goodbye: readGoodbye(f),
  }
}

function readSnapshot(f: ServerFrame): Snapshot | undefined {
  const s = f.snapshot()
  if (!s) return undefined
  return {
    tick: s.tick(),
    epoch: s.epoch(),
    inputAck: s.inputAck(),
    eventAck: s.eventAck(),
    inputHealth: s.inputHealth(),
    flags: s.flags(),
  }
}

function readWelcome(f: ServerFrame): Welcome | undefined {
  const w = f.welcome()
  if (!w) return undefined
  const descriptor = w.descriptor()
  const tickRate = w.tickRate()
  const sendEvery = w.sendEvery()
  if (tickRate < 1 || sendEvery < 1) throw malformed('welcome without rates')
  return {
    room: w.room() ?? '',
    seat: w.seat(),
    player: w.player() ?? '',
    epoch: w.epoch(),
    secret: w.secret() ?? '',
    tick: w.tick(),
    tickRate,
    sendEvery,
    resumed: w.resumed(),
    eventAck: w.eventAck(),
    eventsDropped: w.eventsDropped(),
    descriptorHash: w.descriptorHash() ?? '',
    descriptor: descriptor ? readDescriptor(descriptor) : undefined,
  }
}

function readGoodbye(f: ServerFrame): Goodbye | undefined {
  const g = f.goodbye()
  if (!g) return undefined
  return {
    code: g.code(),
    reason: g.reason() ?? '',
    hint: g.hint() ?? '',
    retryMs: g.retryMs(),
    reconnect: g.reconnect(),
  }
}

/** The bytes of a client frame, a copy. */
export function writeFrame(f: Outgoing): Uint8Array<ArrayBuffer> {
  const b = new Builder(256)
  const inputs = f.inputs ? b.createByteVector(f.inputs) : 0
  const events = f.events ? b.createByteVector(f.events) : 0
  const hello = f.hello ? writeHello(b, f.hello) : 0
  let hashes = 0
  if (f.hash) {
    ClientFrame.startHashesVector(b, 1)
    PubHash.createPubHash(b, f.hash.group, f.hash.tick, f.hash.hash)
    hashes = b.endVector()
  }
  ClientFrame.startClientFrame(b)
  if (f.state) ClientFrame.addState(b, ClientState.createClientState(b, f.state.ack, f.state.view, f.state.eventAck))
  if (inputs) ClientFrame.addInputs(b, inputs)
  if (hashes) ClientFrame.addHashes(b, hashes)
  if (f.clock !== undefined) ClientFrame.addClock(b, ClockRequest.createClockRequest(b, f.clock))
  if (events) ClientFrame.addEvents(b, events)
  ClientFrame.addEventSeq(b, f.eventSeq ?? 0)
  if (f.hz !== undefined) ClientFrame.addRate(b, RateRequest.createRateRequest(b, f.hz))
  if (hello) ClientFrame.addHello(b, hello)
  ClientFrame.addLeave(b, f.leave ?? false)
  b.finish(ClientFrame.endClientFrame(b), undefined, true)
  return b.asUint8Array().slice()
}

function writeHello(b: Builder, h: NonNullable<Outgoing['hello']>): number {
  const sdk = b.createString(h.sdk)
  const hash = b.createString(h.descriptorHash)
  return Hello.createHello(b, sdk, hash, h.epoch, h.tick, h.eventAck)
}
