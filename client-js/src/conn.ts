import type { Env, Socket } from './env.js'
import { closeName, malformed, RoomError } from './errors.js'
import { type Goodbye, type Incoming, type Outgoing, readFrame, writeFrame } from './frame.js'

const subprotocol = 'roomtick.v1'
const openMs = 8000 // for the handshake and the welcome
const silentMs = 6000 // without a frame: the path is gone, though TCP may not know yet
const watchMs = 1000

/** Close codes after which the seat can be resumed, where no goodbye says so itself. */
const resumable = new Set([4009, 4010, 4011, 4012, 4014, 4017, 4019])

/** Why a conn ended. */
export interface End {
  readonly code: number
  readonly error: RoomError
  /** Whether the seat may still be there. */
  readonly resumable: boolean
  /** Milliseconds the server asks us to wait. */
  readonly retryMs: number
}

/** What a conn tells its owner. Ended comes once, last, unless the owner closed it. */
export interface ConnEvents {
  frame(frame: Incoming, bytes: number): void
  ended(end: End): void
}

/** One socket: hello, welcome, frames, goodbye. It does not survive. */
export class Conn {
  private readonly socket: Socket
  private goodbye: Goodbye | undefined
  private welcomed = false
  private over = false
  /** When the last message came. */
  heard: number
  /** The newest event that our hello says we have; what is lost counts from there. */
  eventAck = 0
  private stopWatch = () => {}

  constructor(
    private readonly env: Env,
    url: string,
    credential: string,
    hello: () => NonNullable<Outgoing['hello']>,
    private readonly events: ConnEvents,
  ) {
    this.heard = env.now()
    this.socket = env.connect(url, [subprotocol, credential], {
      opened: () => {
        const said = hello()
        this.eventAck = said.eventAck
        this.send({ hello: said })
      },
      message: (bytes) => this.message(bytes),
      closed: (code) => this.finish(endOf(code, this.goodbye)),
    })
    this.watch()
  }

  /** Sends a frame and returns its length. */
  send(frame: Outgoing): number {
    if (this.over) return 0
    const bytes = writeFrame(frame)
    this.socket.send(bytes)
    return bytes.length
  }

  /** Ends the conn without a word to the owner. */
  close(): void {
    this.over = true
    this.stopWatch()
    this.socket.close()
  }

  private message(bytes: Uint8Array): void {
    if (this.over) return
    this.heard = this.env.now()
    try {
      const frame = readFrame(bytes)
      if (!this.welcomed && !frame.welcome && !frame.goodbye) throw malformed('1.4')
      this.goodbye = frame.goodbye ?? this.goodbye
      this.welcomed ||= frame.welcome !== undefined
      this.events.frame(frame, bytes.length)
    } catch (error) {
      // The generated readers throw anything at bytes that are none of ours.
      const why = error instanceof RoomError ? error : malformed('1.8')
      this.finish({ code: 4001, error: why, resumable: this.welcomed, retryMs: 0 })
    }
  }

  private watch(): void {
    this.stopWatch = this.env.after(watchMs, () => {
      if (this.env.now() - this.heard < (this.welcomed ? silentMs : openMs)) return this.watch()
      this.finish(endOf(0, undefined))
    })
  }

  private finish(end: End): void {
    if (this.over) return
    this.close()
    this.events.ended(end)
  }
}

function endOf(code: number, goodbye: Goodbye | undefined): End {
  const said = goodbye?.code ?? code
  const name = closeName(said)
  const again = goodbye?.reconnect ?? (resumable.has(said) || name === 'lost')
  const retryMs = goodbye?.retryMs ?? 0
  const reason = goodbye?.reason || `the conn ended: ${name}`
  const error = new RoomError(name, reason, goodbye?.hint, again ? retryMs : undefined)
  return { code: said, error, resumable: again, retryMs }
}
