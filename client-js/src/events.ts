import { BitReader, BitWriter } from './bits.js'
import type { EventType } from './descriptor.js'
import { malformed, RoomError } from './errors.js'
import { decodePayload, encodePayload, type Values } from './payload.js'

const maxWaiting = 40 // the server's burst: more would be a flood, PROTOCOL.md 7.4
const perSecond = 18 // a little under its 20 a second, as clocks differ
const maxBytes = 3500 // of one event, and of those in one frame, which holds 4,096 in all

/** An event from the server. */
export interface Received {
  readonly name: string
  readonly tick: number
  /** To be shown when its tick is drawn. */
  readonly timed: boolean
  readonly values: Record<string, unknown>
}

/** Reads a frame's events in order and skips those already received; PROTOCOL.md 7.1. */
export class EventsIn {
  /** Sequence of the newest event received: the acknowledgement. */
  received = 0
  private started = false // a reloaded page learns from the first event where its seat is

  /** After a hello that named ack as the newest received: that many right after it will never come. */
  skip(ack: number, dropped: number): void {
    const to = (ack + dropped) >>> 0
    if (((to - this.received) | 0) > 0) this.received = to
  }

  read(types: readonly EventType[], bytes: Uint8Array, first: number, tick: number): Received[] {
    const list: Received[] = []
    const src = new BitReader(bytes)
    if (bytes.length > 0 && !this.started) {
      this.started = true
      this.received = (first - 1) >>> 0
    }
    for (let seq = first; src.left > 0; seq = (seq + 1) >>> 0) {
      const age = src.leb()
      const type = types[src.leb()]
      const payload = src.bytes(src.leb())
      const ahead = (seq - this.received) | 0
      if (ahead > 1) throw malformed('7.1')
      if (ahead < 1) continue
      if (!type || type.fromClient) throw malformed('7.1')
      this.received = seq
      const { name, timed, fields } = type
      list.push({ name, timed, tick: (tick - age) >>> 0, values: decodePayload(fields, payload) })
    }
    return list
  }
}

interface Waiting {
  readonly seq: number
  readonly bytes: Uint8Array
}

/**
 * Events to the server that it has not acknowledged: kept over a resume and sent again.
 * At most 40; beyond that add says no.
 */
export class EventsOut {
  private waiting: Waiting[] = []
  private next = 1 // sequence of the next event
  private unsent = 0 // index into waiting
  private offered = 0 // from there on: those that due has put into a frame
  private tokens = maxWaiting
  private refilled = 0

  /** Queues an event. Returns false when 40 are waiting already. */
  add(types: readonly EventType[], name: string, values: Values): boolean {
    const type = types.findIndex((t) => t.fromClient && t.name === name)
    const fields = types[type]?.fields
    if (!fields) {
      const known = types.filter((t) => t.fromClient).map((t) => t.name)
      throw new RoomError('unknown-event', `there is no client event ${name}`, `The game has: ${known.join(', ')}`)
    }
    if (this.waiting.length >= maxWaiting) return false
    const payload = encodePayload(fields, values)
    const out = new BitWriter()
    out.leb(type)
    out.leb(payload.length)
    out.append(payload)
    const bytes = out.bytes()
    if (bytes.length > maxBytes) throw new RoomError('too-long', `event ${name} is too long`, 'Send less in one event.')
    this.waiting.push({ seq: this.next, bytes })
    this.next = (this.next + 1) >>> 0
    return true
  }

  /** At a conn's start: the server has applied events up to ack; the rest is sent again. */
  resume(ack: number): void {
    this.waiting = this.waiting.filter(({ seq }) => ((seq - ack) | 0) > 0)
    this.unsent = 0
    this.offered = 0
    if (this.waiting.length === 0) this.next = (ack + 1) >>> 0
  }

  /** Takes the low 16 bits of the newest event applied. */
  ack(low: number): void {
    const done = this.waiting.filter(({ seq }, i) => i < this.unsent && (low - seq) << 16 >= 0).length
    this.waiting.splice(0, done)
    this.unsent -= done
  }

  /**
   * The events that are due and fit into so many bytes, as the frame's vector and the
   * sequence of the first. They stay due until sent is called.
   */
  due(now: number, room = maxBytes): { events: Uint8Array; eventSeq: number } | undefined {
    this.tokens = Math.min(maxWaiting, this.tokens + ((now - this.refilled) / 1000) * perSecond)
    this.refilled = now
    const first = this.waiting[this.unsent]
    const out = new BitWriter()
    let size = 0
    this.offered = 0
    for (let w = first; w && this.tokens >= this.offered + 1; w = this.waiting[this.unsent + this.offered]) {
      size += w.bytes.length
      if (size > Math.min(room, maxBytes)) break
      out.append(w.bytes)
      this.offered++
    }
    const events = out.bytes()
    return first && events.length > 0 ? { events, eventSeq: first.seq } : undefined
  }

  /** What due gave last was sent. */
  sent(): void {
    this.tokens -= this.offered
    this.unsent += this.offered
    this.offered = 0
  }
}
