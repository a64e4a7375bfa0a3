import { Builder } from 'flatbuffers'
import { BitWriter } from '../src/bits.js'
import type { Descriptor, Field } from '../src/descriptor.js'
import { ClockReply } from '../src/wire/clock-reply.js'
import { Descriptor as WireDescriptor } from '../src/wire/descriptor.js'
import { EventAck } from '../src/wire/event-ack.js'
import { EventType } from '../src/wire/event-type.js'
import { Field as WireField } from '../src/wire/field.js'
import { Goodbye } from '../src/wire/goodbye.js'
import { ServerFrame } from '../src/wire/server-frame.js'
import { SnapshotHead } from '../src/wire/snapshot-head.js'
import { TableType } from '../src/wire/table-type.js'
import { Welcome } from '../src/wire/welcome.js'
import { descriptor } from './golden.js'

/** A game of one table with one public and one owner field, and events both ways. */
export const pond: Descriptor = descriptor({
  tables: [
    {
      name: 'ducks',
      fields: [
        { name: 'hp', kind: 'Uint', bits: 8 },
        { name: 'ammo', kind: 'Int', bits: 16, flags: 2 },
      ],
    },
    { name: 'match', single: true, fields: [{ name: 'phase', kind: 'Uint', bits: 8 }] },
  ],
  input: [
    { name: 'turn', kind: 'Int', bits: 8, min: -1, max: 1 },
    { name: 'fire', kind: 'Bool', bits: 1, flags: 8 },
  ],
  events: [
    { name: 'boom', fields: [{ name: 'size', kind: 'Uint', bits: 8 }] },
    { name: 'chat', fromClient: true, fields: [{ name: 'text', kind: 'String', max: 64 }] },
  ],
})

export interface WelcomeOptions {
  readonly secret?: string
  readonly seat?: number
  readonly tick?: number
  readonly tickRate?: number
  readonly sendEvery?: number
  readonly resumed?: boolean
  readonly epoch?: bigint
  readonly eventAck?: number
  readonly eventsDropped?: number
  readonly descriptor?: Descriptor | null
}

export interface SnapshotOptions {
  readonly tick: number
  readonly flags?: number
  readonly eventAck?: number
  readonly inputAck?: number
  readonly inputHealth?: number
  readonly deltas?: Uint8Array
  readonly events?: Uint8Array
  readonly eventSeq?: number
}

function finish(b: Builder, frame: (b: Builder) => void): Uint8Array {
  ServerFrame.startServerFrame(b)
  frame(b)
  ServerFrame.finishServerFrameBuffer(b, ServerFrame.endServerFrame(b))
  return b.asUint8Array().slice()
}

/** Bytes of a welcome frame. */
export function welcome(o: WelcomeOptions = {}): Uint8Array {
  const b = new Builder(256)
  const strings = ['pond-1', 'p-1', o.secret ?? 'secret-1', 'hash-1'].map((s) => b.createString(s))
  const types = o.descriptor === null ? 0 : writeDescriptor(b, o.descriptor ?? pond)
  Welcome.startWelcome(b)
  Welcome.addRoom(b, strings[0] ?? 0)
  Welcome.addPlayer(b, strings[1] ?? 0)
  Welcome.addSecret(b, strings[2] ?? 0)
  Welcome.addDescriptorHash(b, strings[3] ?? 0)
  Welcome.addSeat(b, o.seat ?? 3)
  Welcome.addEpoch(b, o.epoch ?? 5n)
  Welcome.addTick(b, o.tick ?? 1)
  Welcome.addTickRate(b, o.tickRate ?? 20)
  Welcome.addSendEvery(b, o.sendEvery ?? 1)
  Welcome.addResumed(b, o.resumed ?? false)
  Welcome.addEventAck(b, o.eventAck ?? 0)
  Welcome.addEventsDropped(b, o.eventsDropped ?? 0)
  if (types) Welcome.addDescriptor(b, types)
  const at = Welcome.endWelcome(b)
  return finish(b, () => ServerFrame.addWelcome(b, at))
}

export function snapshot(o: SnapshotOptions): Uint8Array {
  const b = new Builder(256)
  const deltas = b.createByteVector(o.deltas ?? new Uint8Array(0))
  const events = o.events ? b.createByteVector(o.events) : 0
  return finish(b, () => {
    const head = [o.tick, (o.inputAck ?? 0) & 0xffff, o.inputHealth ?? 1, o.flags ?? 0] as const
    ServerFrame.addSnapshot(b, SnapshotHead.createSnapshotHead(b, ...head))
    ServerFrame.addDeltas(b, deltas)
    if (events) ServerFrame.addEvents(b, events)
    ServerFrame.addEventSeq(b, o.eventSeq ?? 0)
    if (o.eventAck !== undefined) ServerFrame.addEventAck(b, EventAck.createEventAck(b, o.eventAck))
  })
}

export function goodbye(code: number, reconnect: boolean, retryMs = 0): Uint8Array {
  const b = new Builder(64)
  const [reason, hint] = [b.createString('because'), b.createString('do this')]
  Goodbye.startGoodbye(b)
  Goodbye.addCode(b, code)
  Goodbye.addReason(b, reason)
  Goodbye.addHint(b, hint)
  Goodbye.addRetryMs(b, retryMs)
  Goodbye.addReconnect(b, reconnect)
  const at = Goodbye.endGoodbye(b)
  return finish(b, () => ServerFrame.addGoodbye(b, at))
}

export function clockReply(sent: number, received: number, replied: number): Uint8Array {
  const b = new Builder(64)
  return finish(b, () => ServerFrame.addClock(b, ClockReply.createClockReply(b, received, replied, sent)))
}

function writeDescriptor(b: Builder, d: Descriptor): number {
  const tables = d.tables.map((t) => {
    const name = b.createString(t.name)
    const fields = TableType.createFieldsVector(b, writeFields(b, t.fields))
    return TableType.createTableType(b, name, t.single, fields)
  })
  const events = d.events.map((e) => {
    const name = b.createString(e.name)
    const fields = EventType.createFieldsVector(b, writeFields(b, e.fields))
    return EventType.createEventType(b, name, e.fromClient, e.timed, fields)
  })
  const all = [
    WireDescriptor.createTablesVector(b, tables),
    WireDescriptor.createInputVector(b, writeFields(b, d.input)),
    WireDescriptor.createEventsVector(b, events),
  ] as const
  return WireDescriptor.createDescriptor(b, b.createString('pond'), ...all)
}

function writeFields(b: Builder, fields: readonly Field[]): number[] {
  return fields.map((f) => {
    const name = b.createString(f.name)
    return WireField.createField(b, name, f.kind, f.bits, f.min, f.max, f.step, f.tolerance, f.flags, f.count)
  })
}

/** Rows: ids, then the words of each column, such as R alone or R, V and k less 1. */
export interface KeyframePart {
  readonly ids: readonly number[]
  readonly columns: readonly (readonly number[])[]
}

/** A keyframe, as PROTOCOL.md 4.4 lays it out. */
export function keyframe(slot: number, kind: number, parts: readonly KeyframePart[]): Uint8Array {
  const out = new BitWriter()
  out.leb((slot << 2) | 2)
  out.append(Uint8Array.of(kind))
  out.bits(0, 1)
  for (const { ids, columns } of parts) {
    num(out, ids.length)
    column(
      out,
      ids.map((id, i) => id - (ids[i - 1] ?? 0)),
    )
    for (const values of columns) if (ids.length > 0) column(out, values)
  }
  return out.bytes()
}

/** A change that leaves all rows asleep, with a log of one batch. */
export interface Log {
  readonly leaves?: readonly { row: number; reason: 0 | 1 | 2; dest?: number }[]
  readonly enters?: readonly number[]
  /** Values of the rows that enter, by column. */
  readonly columns?: readonly (readonly number[])[]
  /** Rows that survive. */
  readonly survivors: number
}

/** A span over so many send ticks, one log per part. */
export function span(slot: number, sends: number, parts: readonly Log[]): Uint8Array {
  const out = new BitWriter()
  out.leb((slot << 2) | 1)
  out.append(Uint8Array.of(sends))
  out.bits(0, 1)
  out.bits(1, 1)
  num(out, 1)
  for (const { leaves = [], enters = [] } of parts) {
    num(out, leaves.length)
    for (const { row, reason, dest = 0 } of leaves) {
      num(out, row)
      out.bits(reason, 2)
      if (reason === 2) num(out, dest)
    }
    num(out, enters.length)
    for (const [i, id] of enters.entries()) num(out, id - (enters[i - 1] ?? 0))
  }
  for (const { enters = [], columns = [], survivors } of parts) {
    if (survivors > 0) out.bits(0, 2)
    if (enters.length > 0) for (const values of columns) column(out, values)
  }
  return out.bytes()
}

export function gone(slot: number): Uint8Array {
  const out = new BitWriter()
  out.leb((slot << 2) | 1)
  out.leb(0)
  return out.bytes()
}

export function join(...chunks: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(chunks.flatMap((c) => [...c]))
}

function num(out: BitWriter, v: number): void {
  for (; v > 15; v >>>= 4) out.bits((v & 15) | 16, 5)
  out.bits(v, 5)
}

function column(out: BitWriter, values: readonly number[]): void {
  const any = values.some((v) => v !== 0)
  out.bits(any ? 1 : 0, 1)
  if (!any) return
  const p = 8
  out.bits(p, 5)
  for (const v of values) {
    const zz = ((v << 1) ^ (v >> 31)) >>> 0
    const q = zz >>> p
    if (q > 15) {
      out.bits(0xffff, 16)
      out.bits(zz, 32)
    } else {
      out.bits((1 << q) - 1, q + 1)
      out.bits(zz, p)
    }
  }
}

/** A part without rows. */
export const noRows: KeyframePart = { ids: [], columns: [] }

/** The public part of ducks: hp by id. */
export function ducks(rows: Readonly<Record<number, number>>): KeyframePart {
  return { ids: Object.keys(rows).map(Number), columns: resting(Object.values(rows)) }
}

/** The words of a column of numbers that rest. */
export function resting(values: readonly number[]): number[][] {
  const zeros = values.map(() => 0)
  return [[...values], zeros, zeros]
}

/** A frame's events: one boom of each size, all of this tick. */
export function booms(...sizes: readonly number[]): Uint8Array {
  const out = new BitWriter()
  for (const size of sizes) {
    for (const n of [0, 0, 1]) out.leb(n)
    out.append(Uint8Array.of(size))
  }
  return out.bytes()
}
