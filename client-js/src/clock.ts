import type { ClockReply } from './frame.js'

const kept = 12 // replies that the minimum round trip is taken over: half a minute
const slewPerMs = 0.05 // the clock gains or loses at most 50 ms a second
const jumpMs = 500 // beyond this it is set instead: nothing smooth is left to keep
const slackMs = 2 // by which two samples may differ beyond what their round trips allow: clocks drift
const smooth = 1 / 8 // weight of a new deviation in the jitter

interface Sample {
  readonly rtt: number
  readonly offset: number
}

/** Room time as this client knows it; PROTOCOL.md ClockReply. Milliseconds throughout. */
export class ServerClock {
  /** The smallest round trip of the last half minute; 0 before the first reply. */
  rtt = 0
  /** Smoothed deviation of the round trip from the smallest. */
  jitter = 0
  private samples: Sample[] = []
  private offset = 0 // room time minus local time, as told
  private target = 0 // as measured best
  private slewed = 0 // local time at which offset was last moved

  /** Whether a reply has come. */
  get ready(): boolean {
    return this.samples.length > 0
  }

  /** What to write into a ClockRequest: microseconds, wrapping. */
  static stamp(now: number): number {
    return Math.floor(now * 1000) >>> 0
  }

  /** Takes a reply that arrived at local time now. */
  reply({ sent, received, replied }: ClockReply, now: number): void {
    const total = ((ServerClock.stamp(now) - sent) >>> 0) / 1000
    const rtt = Math.max(0, total - (replied - received))
    // Half of the way is taken for each direction: the least round trip errs least.
    const offset = (received + replied) / 2 - (now - total / 2)
    if (!Number.isFinite(offset) || rtt > 60_000) return
    const first = !this.ready
    this.samples = [...this.samples.slice(1 - kept), { rtt, offset }]
    let best = this.samples.reduce((a, b) => (b.rtt <= a.rtt ? b : a))
    if (Math.abs(offset - best.offset) > (rtt + best.rtt) / 2 + slackMs) {
      best = { rtt, offset } // the room's clock has moved: what was measured before is of no use
      this.samples = [best]
    }
    this.rtt = best.rtt
    this.jitter += (rtt - best.rtt - this.jitter) * smooth
    this.slew(now)
    this.target = best.offset
    if (first || Math.abs(this.target - this.offset) > jumpMs) this.offset = this.target
  }

  /** Forgets the path to the server: a new conn may take another, or reach another node. */
  reset(): void {
    this.samples = []
    this.rtt = 0
    this.jitter = 0
  }

  /** Room time at local time now. It never jumps by less than half a second. */
  time(now: number): number {
    this.slew(now)
    return now + this.offset
  }

  private slew(now: number): void {
    const most = Math.max(0, now - this.slewed) * slewPerMs
    this.offset += Math.max(-most, Math.min(most, this.target - this.offset))
    this.slewed = now
  }
}
