import type { ServerClock } from './clock.js'
import { Decoder } from './delta.js'
import { type Descriptor, type Field, type Part, partsOf } from './descriptor.js'
import { Emitter, type Off } from './emitter.js'
import type { Env } from './env.js'
import { malformed, type RoomError } from './errors.js'
import { EventsIn, type Received } from './events.js'
import type { Incoming, Outgoing, Snapshot, Welcome } from './frame.js'
import type { AnyGame, RoomEvents, UntypedGame } from './game.js'
import type { Values } from './payload.js'
import type { SeatAt } from './seat.js'
import { type ConnState, Session } from './session.js'
import { Store } from './store.js'
import { Uplink } from './uplink.js'
import type { InputState } from './wire/input-state.js'

const sdk = 'roomtick-js/0.1.0'
const noSeat = 65535 // of spectators
const ackMs = 45 // an acknowledgement leaves within 50 ms of traffic, PROTOCOL.md 2.7

/** A room this player has a seat in. The object outlives conns; so do its listeners. */
export class Room<G extends AnyGame = UntypedGame> {
  /** Room id, this player's id and seat; from the server. */
  id = ''
  player = ''
  seat = -1
  /** Ticks a second, and ticks between two snapshots. */
  tickRate = 1
  sendEvery = 1
  /** The newest snapshot's tick. */
  tick = 0
  /** The newest tick whose own input the server used. */
  inputAck = 0
  /** How the input of the newest snapshot's tick came about; PROTOCOL.md 6.3. */
  inputState: InputState = 0
  /** The tick that is drawn, with its fraction: what an interpolator sets. */
  drawn: number | undefined
  /** Set by an interpolator: takes events that are to be shown when their tick is drawn. */
  delay: ((tick: number, deliver: () => void) => void) | undefined
  /** Tables by name; a single is its entity. Stable: may be kept. */
  readonly state = {} as G['state']
  /** Events of the server. Each arrives once, after its tick's snapshot was applied. */
  readonly events: { on<K extends keyof G['events'] & string>(name: K, fn: (event: G['events'][K]) => void): Off }
  private readonly emitter = new Emitter<RoomEvents>()
  private readonly gameEvents = new Emitter<G['events']>()
  private readonly session: Session
  private readonly store = new Store()
  private readonly uplink = new Uplink()
  private readonly eventsIn = new EventsIn()
  private descriptor: Descriptor | undefined
  private descriptorHash = ''
  private parts: readonly Part[] = []
  private decoder: Decoder | undefined
  private epoch = 0n
  private sentAt = 0
  private stopPulse = () => {}

  private constructor(
    private readonly env: Env,
    key: string,
    at: SeatAt,
  ) {
    this.events = {
      on: (name, fn) => {
        const off = this.gameEvents.on(name, fn)
        this.spell()
        return off
      },
    }
    this.session = new Session(env, key, at, {
      hello: () => this.hello(),
      welcomed: (welcome, eventAck) => this.welcomed(welcome, eventAck),
      frame: (frame) => this.frame(frame),
      broken: () => {
        this.decoder = undefined
      },
      state: (state, why) => this.stateChanged(state, why),
      spelled: ({ spelling }) => {
        spelling.watch(this.state, 'table', () => this.descriptor?.tables ?? [])
        this.spell()
      },
    })
  }

  /** Connects to a new seat by its token, or to the one kept, and resolves with the first snapshot. */
  static open<G extends AnyGame>(env: Env, key: string, at: SeatAt): Promise<Room<G>> {
    return new Promise((resolve, reject) => {
      const room = new Room<G>(env, key, at)
      const offs = [
        room.on('tick', () => {
          for (const off of offs) off()
          resolve(room)
        }),
        room.on('error', (error) => {
          if (room.connState === 'closed') reject(error)
        }),
      ]
      void room.session.start()
    })
  }

  /** The room's clock: server time, round trip, jitter. */
  get clock(): ServerClock {
    return this.uplink.clock
  }

  get connState(): ConnState {
    return this.session.state
  }

  /** Bytes and frames received and sent since the room was joined. */
  get traffic(): Readonly<Session['traffic']> {
    return this.session.traffic
  }

  on<K extends keyof RoomEvents>(name: K, fn: (arg: RoomEvents[K]) => void): Off {
    return this.emitter.on(name, fn)
  }

  /**
   * Sets fields of the current input; they hold until set again, edge fields for a tick.
   * Nothing happens for a spectator.
   */
  input(values: Partial<G['input']>): void {
    if (this.seat === noSeat) return
    this.uplink.inputs.set(values as Values)
    const { keeper } = this.session
    if (keeper) for (const name in values) keeper.spelling.check('input field', name, this.inputFields)
  }

  /**
   * Sends an event, exactly once and in order, also across a reconnect. Returns false if
   * 40 are waiting already; throws a RoomError for a name or a size that cannot be sent.
   */
  send<K extends keyof G['sends'] & string>(name: K, event: G['sends'][K]): boolean {
    const taken = this.uplink.events.add(this.descriptor?.events ?? [], name, event as Values)
    if (taken) this.flush()
    return taken
  }

  /** Leaves the room for good. */
  leave(): void {
    this.session.leave()
  }

  /** Milliseconds of the clock that everything here goes by. */
  now(): number {
    return this.env.now()
  }

  /** The input's fields as the server describes them. */
  get inputFields(): readonly Field[] {
    return this.uplink.inputs.fields
  }

  /** The tick, with its fraction, that an input set now is for. Sends what is due. */
  inputTick(): number {
    this.flush()
    return this.arrival(this.now()) + this.uplink.inputs.lead
  }

  /** The room's tick when what is sent now will get there. */
  private arrival(now: number): number {
    return this.serverTick(now + this.clock.rtt / 2)
  }

  /** The room's tick at this moment, with its fraction, by the server's clock. */
  serverTick(now = this.now()): number {
    return this.clock.ready ? (this.clock.time(now) * this.tickRate) / 1000 : this.tick
  }

  /** Compares the names of events listened to with the game's. */
  private spell(): void {
    const known = this.descriptor?.events.filter((type) => !type.fromClient) ?? []
    for (const name of this.gameEvents.names) this.session.keeper?.spelling.check('event', String(name), known)
  }

  private hello(): NonNullable<Outgoing['hello']> {
    const known = this.decoder !== undefined && this.tick !== 0
    return {
      sdk,
      descriptorHash: this.descriptorHash,
      epoch: known ? this.epoch : 0n,
      tick: known ? this.tick : 0,
      eventAck: this.eventsIn.received,
    }
  }

  private welcomed(w: Welcome, eventAck: number): void {
    this.id = w.room
    this.player = w.player
    this.seat = w.seat
    this.epoch = w.epoch
    this.tickRate = w.tickRate
    if (w.descriptor) this.describe(w.descriptor, w.descriptorHash)
    if (!this.descriptor) throw malformed('1.5')
    if (!this.decoder || this.sendEvery !== w.sendEvery) {
      this.decoder = new Decoder(this.parts, w.sendEvery)
      this.store.begin()
    }
    this.sendEvery = w.sendEvery
    this.eventsIn.skip(eventAck, w.eventsDropped)
    this.uplink.begin(w, this.descriptor.input)
  }

  private describe(descriptor: Descriptor, hash: string): void {
    this.parts = partsOf(descriptor.tables)
    this.descriptor = descriptor
    this.descriptorHash = hash
    this.decoder = undefined
    this.store.describe(descriptor.tables, this.parts)
    for (const { name, single } of descriptor.tables) {
      const table = this.store.tables.get(name)
      Object.defineProperty(this.state, name, {
        get: () => (single ? table?.get(1) : table),
        enumerable: true,
        configurable: true,
      })
    }
  }

  private frame(f: Incoming): void {
    const now = this.env.now()
    if (f.clock) this.clock.reply(f.clock, now)
    if (!f.snapshot) return
    if (!this.decoder) return
    this.snapshot(f, f.snapshot, this.decoder)
    if (now - this.sentAt >= ackMs) this.flush()
  }

  /** Applies a snapshot in the order of PROTOCOL.md 2.4. */
  private snapshot(f: Incoming, s: Snapshot, decoder: Decoder): void {
    const changes = decoder.apply(s.tick, s.flags, f.deltas)
    this.tick = s.tick
    this.inputAck = (s.tick - ((s.tick - s.inputAck) & 0xffff)) >>> 0
    this.inputState = (s.flags >> 1) & 3
    this.uplink.applied(s, f.eventAck)
    this.uplink.hashes ??= this.session.keeper?.hash(changes.touched)
    this.store.merge(decoder.groups, changes)
    const events = this.eventsIn.read(this.descriptor?.events ?? [], f.events, f.eventSeq, s.tick)
    for (const event of events) this.deliver(event)
    this.emitter.emit('tick', s.tick)
  }

  private deliver({ name, tick, timed, values }: Received): void {
    const emit = () => this.gameEvents.emit(name as keyof G['events'], values as G['events'][keyof G['events']])
    if (timed && this.delay) this.delay(tick, emit)
    else emit()
  }

  /** Sends all that is due, in one frame. */
  private flush(): void {
    if (this.connState !== 'open') return
    const now = this.now()
    const { tick } = this
    const progress = { tick, drawn: this.drawn ?? tick, eventAck: this.eventsIn.received }
    const frame = this.uplink.due(now, this.arrival(now), progress)
    if (!frame) return
    this.session.send(frame)
    this.uplink.events.sent()
    this.sentAt = now
    for (const input of this.uplink.inputs.sent) this.emitter.emit('input', input)
    if (frame.inputs) this.flush() // events that had no room beside them
  }

  /** Runs while a conn is open: what the message handler does not send goes out here. */
  private pulse(): void {
    const soon = 1 - ((this.arrival(this.now()) + this.uplink.inputs.lead) % 1) // of a tick, until an input is due
    this.stopPulse = this.env.after(Math.min(ackMs, (soon * 1000) / this.tickRate + 1), () => this.pulse())
    this.flush() // last: whatever it throws, the next one comes
  }

  private stateChanged(state: ConnState, why: RoomError | undefined): void {
    this.stopPulse()
    if (state === 'open') this.pulse()
    this.emitter.emit('conn', state)
    this.emitter.emit('state', state)
    if (!why) return
    const told = this.emitter.has('state') || this.emitter.has('error')
    if (state === 'closed' && why.code !== 'left' && !told) console.error(`roomtick: ${why.code}: ${why.message}`)
    this.emitter.emit('error', why)
  }
}
