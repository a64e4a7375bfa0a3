import { ServerClock } from './clock.js'
import type { Field } from './descriptor.js'
import { EventsOut } from './events.js'
import type { Incoming, Outgoing, Snapshot, Welcome } from './frame.js'
import { Inputs } from './inputs.js'

const clockMs = 2000
const firstClocks = 5 // requests in quick succession at the start of a conn
const firstClockMs = 200
const payloadBytes = 3840 // of inputs and events in a frame of 4,096: 256 for all the rest

/** What has been applied, received and drawn, as acknowledgements say it. */
export interface Progress {
  readonly tick: number
  readonly drawn: number
  readonly eventAck: number
}

/** Everything that goes to the server: collected here, sent as one frame. */
export class Uplink {
  readonly clock = new ServerClock()
  readonly inputs = new Inputs()
  readonly events = new EventsOut()
  private unacked = false // a snapshot was applied that has not been acknowledged
  /** To go with the next acknowledgement. */
  hashes: Outgoing['hashes']
  private clockAt = 0
  private clocks = 0

  /** Starts anew for a conn; events that were not applied are sent again. */
  begin(w: Welcome, input: readonly Field[]): void {
    this.inputs.begin(input, w.tick)
    this.events.resume(w.eventAck)
    this.clock.reset()
    this.clocks = 0
    this.clockAt = 0
  }

  /** Notes a snapshot that was applied. */
  applied({ inputHealth }: Snapshot, eventAck: Incoming['eventAck']): void {
    this.unacked = true
    this.inputs.health(inputHealth)
    if (eventAck) this.events.ack(eventAck.sequence)
  }

  /** All that is due, if anything is. arrival is the room's tick when it will get there. */
  due(now: number, arrival: number, { tick, drawn, eventAck }: Progress): Outgoing | undefined {
    const inputs = this.inputs.due(arrival, tick)
    const events = this.events.due(now, payloadBytes - (inputs?.length ?? 0))
    const clock = this.clockDue(now)
    if (!this.unacked && !inputs && !events && clock === undefined) return undefined
    const view = Math.floor((drawn % 0x1000000) * 256) >>> 0
    const { hashes } = this
    this.unacked = false
    this.hashes = undefined
    return {
      ...(tick !== 0 && { state: { ack: tick, view, eventAck } }),
      ...(inputs && { inputs }),
      ...(hashes && { hashes }),
      ...(clock !== undefined && { clock }),
      ...events,
    }
  }

  private clockDue(now: number): number | undefined {
    if (now < this.clockAt) return undefined
    this.clockAt = now + (++this.clocks < firstClocks ? firstClockMs : clockMs)
    return ServerClock.stamp(now)
  }
}
