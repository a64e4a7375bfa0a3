import { checkDescriptor, type Descriptor } from './descriptor.js'
import { malformed } from './errors.js'
import { bool, bytes, f64, i8, list, Sink, Source, struct, table, text, u8, u16, u32, u64 } from './flat.js'

export interface Snapshot {
  readonly tick: number
  readonly inputAck: number
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
  /** Low 16 bits of the newest event applied, if that is news. */
  readonly eventAck: { readonly sequence: number } | undefined
  readonly clock: ClockReply | undefined
  readonly welcome: Welcome | undefined
  readonly goodbye: Goodbye | undefined
}

/** One frame to the server: any mix of its parts. */
export interface Outgoing {
  readonly state?: { readonly ack: number; readonly view: number; readonly eventAck: number }
  readonly inputs?: Uint8Array
  readonly hashes?: readonly { readonly group: number; readonly tick: number; readonly hash: number }[]
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

// The messages of schema/protocol.fbs, their fields in the order of their ids.

const field = table({
  name: text,
  kind: u8,
  bits: u8,
  min: f64,
  max: f64,
  step: f64,
  tolerance: u16,
  flags: u16,
  count: u16,
})

const descriptor = table({
  game: text,
  tables: list(table({ name: text, single: bool, fields: list(field) })),
  input: list(field),
  events: list(table({ name: text, fromClient: bool, timed: bool, fields: list(field) })),
})

const welcome = table({
  room: text,
  seat: u16,
  player: text,
  epoch: u64,
  secret: text,
  tick: u32,
  tickRate: u16,
  sendEvery: u8,
  resumed: bool,
  seatTimeoutMs: u32,
  eventAck: u32,
  eventsDropped: u32,
  descriptorHash: text,
  descriptor,
})

const serverFrame = table({
  snapshot: struct({ tick: u32, inputAck: u16, inputHealth: i8, flags: u8 }),
  deltas: bytes,
  events: bytes,
  eventSeq: u32,
  clock: struct({ received: f64, replied: f64, sent: u32 }),
  welcome,
  goodbye: table({ code: u16, reason: text, hint: text, retryMs: u32, reconnect: bool }),
  eventAck: struct({ sequence: u16 }),
})

const clientFrame = table({
  state: struct({ ack: u32, view: u32, eventAck: u32 }),
  inputs: bytes,
  hashes: list(struct({ group: u32, tick: u32, hash: u32 })),
  clock: u32,
  events: bytes,
  eventSeq: u32,
  hz: u8,
  hello: table({ sdk: text, descriptorHash: text, epoch: u64, tick: u32, eventAck: u32 }),
  leave: bool,
})

/** Reads a server frame; throws if it is not one. Nothing is trusted but its length. */
export function readFrame(message: Uint8Array): Incoming {
  const src = new Source(message)
  const frame = serverFrame.read(src, 0) as Incoming
  const { welcome } = frame
  if (welcome && (welcome.tickRate < 1 || welcome.sendEvery < 1)) throw malformed('1.4')
  if (welcome?.descriptor) checkDescriptor(welcome.descriptor)
  return frame
}

/** The bytes of a client frame, a copy. */
export function writeFrame(frame: Outgoing): Uint8Array<ArrayBuffer> {
  const out = new Sink()
  out.take(8, 4)
  clientFrame.write(out, 4, frame as NonNullable<typeof clientFrame.absent>)
  out.view.setUint32(0, out.end - 4, true)
  return out.bytes.slice(0, out.end)
}
