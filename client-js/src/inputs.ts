import { type Field, Flag } from './descriptor.js'
import { encodePayload, type Values } from './payload.js'
import { tickDiff } from './tick.js'

const maxPerFrame = 8 // PROTOCOL.md 6.1
const maxBytes = 3840 // of inputs in a frame of 4,096
const maxAhead = 256 // ticks beyond the newest snapshot: more is a clock gone wrong
const wantedHealth = 1 // inputs that should wait at the server when a tick begins
const leadUp = 0.5 // ticks added when an input came too late
const leadDown = 0.02 // ticks taken off per snapshot while too many wait
const maxLead = 6

/** An input that has been sent. */
export interface SentInput {
  /** The tick it is for. */
  readonly tick: number
  /** Its fields as the server decodes them; PROTOCOL.md section 8. */
  readonly payload: Uint8Array
}

/** The current input, and which ticks it has been sent for. */
export class Inputs {
  fields: readonly Field[] = []
  /** What the last call of due has put into its frame. */
  sent: SentInput[] = []
  private current: Record<string, unknown> = {}
  private last = 0 // newest tick sent for
  private started = false // inputs are sent once the game has set one
  /** Ticks that inputs are sent ahead of their estimated arrival. */
  lead = 1

  /** Takes the game's input fields and starts anew from a conn's first tick. */
  begin(fields: readonly Field[], tick: number): void {
    this.fields = fields
    this.last = tick
    this.lead = Math.max(this.lead, 1)
  }

  /**
   * Changes the fields named; the others stay as they are. A press, which is an edge
   * field set to true, stays until it has been sent, whatever is set meanwhile. Throws,
   * and changes nothing, if a text is too long.
   */
  set(values: Values): void {
    const next = { ...this.current, ...values }
    for (const { flags, name } of this.fields) if (flags & Flag.edge) next[name] ||= this.current[name]
    encodePayload(this.fields, next)
    this.current = next
    this.started = true
  }

  /** Learns from a snapshot how early inputs arrive. */
  health(newestMinusTick: number): void {
    if (!this.started) return
    const change = newestMinusTick < wantedHealth ? leadUp : newestMinusTick > wantedHealth + 1 ? -leadDown : 0
    this.lead = Math.max(0, Math.min(maxLead, this.lead + change))
  }

  /**
   * The inputs that are due, as the frame's vector: for every tick not yet sent for, up
   * to the one that the server will simulate when this arrives. arrival is the room's
   * tick, with its fraction, half a round trip from now; newest the newest snapshot's.
   */
  due(arrival: number, newest: number): Uint8Array | undefined {
    this.sent = []
    if (!this.started || this.fields.length === 0) return undefined
    const ahead = Math.min(Math.ceil(tickDiff(arrival, newest) + this.lead), maxAhead)
    const target = (newest + Math.max(ahead, 1)) >>> 0
    const behind = (target - this.last) | 0
    if (behind <= 0) return undefined
    this.last = target
    return this.write(target, Math.min(behind, maxPerFrame))
  }

  private write(target: number, most: number): Uint8Array {
    const fresh = encodePayload(this.fields, this.current)
    const count = Math.max(1, Math.min(most, Math.floor((maxBytes - 4) / (1 + fresh.length))))
    const first = (target - count + 1) >>> 0
    for (const f of this.fields) if (f.flags & Flag.edge) delete this.current[f.name]
    const again = encodePayload(this.fields, this.current)
    const out = new Uint8Array(4 + count * (1 + fresh.length))
    new DataView(out.buffer).setUint32(0, first, true)
    for (let i = 0, at = 4; i < count; i++, at += 1 + fresh.length) {
      // A press goes into the newest tick: the others may be too late for it already.
      const payload = i === count - 1 ? fresh : again
      out[at] = i
      out.set(payload, at + 1)
      this.sent.push({ tick: (first + i) >>> 0, payload })
    }
    return out
  }
}
