import { ByteBuffer } from 'flatbuffers'
import type { Answer, Env, Socket, SocketEvents, Tab } from '../src/env.js'
import { ClientFrame } from '../src/wire/client-frame.js'

/** A socket whose other end is the test. */
export class FakeSocket implements Socket {
  readonly sent: Uint8Array[] = []
  ended = false

  constructor(
    readonly url: string,
    readonly protocols: readonly string[],
    private readonly events: SocketEvents,
  ) {}

  send(bytes: Uint8Array): void {
    this.sent.push(bytes)
  }

  close(): void {
    this.ended = true
  }

  /** The server accepts. */
  open(): void {
    this.events.opened()
  }

  /** A message arrives. */
  receive(bytes: Uint8Array): void {
    this.events.message(bytes)
  }

  /** The socket ends with a close code. */
  end(code = 1006): void {
    if (this.ended) return
    this.ended = true
    this.events.closed(code)
  }

  /** Client frames sent so far, oldest first, and forgets them. */
  take(): ClientFrame[] {
    return this.sent.splice(0).map((b) => ClientFrame.getSizePrefixedRootAsClientFrame(new ByteBuffer(b)))
  }
}

interface Timer {
  readonly at: number
  readonly fn: () => void
}

/** An Env in which time passes only when a test says so, and nothing leaves the process. */
export class FakeEnv implements Env, Tab {
  readonly tab = this
  time = 1000
  sockets: FakeSocket[] = []
  posts: { url: string; body: unknown }[] = []
  /** Answers to POST, in order; the last one stays. */
  answers: (() => Promise<Answer>)[] = []
  randomValue = 0.5
  readonly base = 'https://play.example/arena/'
  readonly stored = new Map<string, string>()
  readonly locks: Set<string>
  private timers = new Set<Timer>()
  private hiddenListeners = new Set<(hidden: boolean) => void>()

  /** Tabs of one browser share their locks. */
  constructor(locks = new Set<string>()) {
    this.locks = locks
  }

  now = () => this.time
  random = () => this.randomValue

  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.time + ms, fn }
    this.timers.add(timer)
    return () => void this.timers.delete(timer)
  }

  /** Lets time pass; timers run in order, each at its own moment. */
  pass(ms: number): void {
    const end = this.time + ms
    for (;;) {
      const due = [...this.timers].filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.timers.delete(due)
      this.time = Math.max(this.time, due.at)
      due.fn()
    }
    this.time = end
  }

  get pendingTimers(): number {
    return this.timers.size
  }

  connect(url: string, protocols: string[], events: SocketEvents): Socket {
    const socket = new FakeSocket(url, protocols, events)
    this.sockets.push(socket)
    return socket
  }

  get socket(): FakeSocket {
    const last = this.sockets[this.sockets.length - 1]
    if (!last) throw new Error('no socket was opened')
    return last
  }

  post(url: string, body: unknown): Promise<Answer> {
    this.posts.push({ url, body })
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0]
    return answer ? answer() : Promise.reject(new Error('no answer'))
  }

  storage = {
    getItem: (key: string) => this.stored.get(key) ?? null,
    setItem: (key: string, value: string) => void this.stored.set(key, value),
    removeItem: (key: string) => void this.stored.delete(key),
  }

  hold(name: string): Promise<boolean> {
    if (this.locks.has(name)) return Promise.resolve(false)
    this.locks.add(name)
    return Promise.resolve(true)
  }

  onHidden(fn: (hidden: boolean) => void): () => void {
    this.hiddenListeners.add(fn)
    fn(false)
    return () => void this.hiddenListeners.delete(fn)
  }

  private onlineListeners = new Set<() => void>()

  onOnline(fn: () => void): () => void {
    this.onlineListeners.add(fn)
    return () => void this.onlineListeners.delete(fn)
  }

  /** The part that is loaded late; a test may keep it from coming. */
  keeping: Env['keeping'] = () => import('../src/keep.js')

  /** The network came back, or changed. */
  online(): void {
    for (const fn of this.onlineListeners) fn()
  }

  hide(hidden: boolean): void {
    for (const fn of this.hiddenListeners) fn(hidden)
  }
}

/** An answer to POST with a JSON body. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): () => Promise<Answer> {
  const answer = { ok: status < 300, status, headers: new Headers(headers), json: () => Promise.resolve(body) }
  return () => Promise.resolve(answer)
}

/** Lets promises settle. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}
