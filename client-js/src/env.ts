/** What a socket tells its owner. Closed comes exactly once, last. */
export interface SocketEvents {
  opened(): void
  message(bytes: Uint8Array): void
  closed(code: number): void
}

export interface Socket {
  send(bytes: Uint8Array<ArrayBuffer>): void
  /** Ends the socket; no event follows. */
  close(): void
}

/** What the SDK needs of fetch's answer. */
export interface Answer {
  readonly ok: boolean
  readonly status: number
  readonly headers: Pick<Headers, 'get'>
  json(): Promise<unknown>
}

/** What a seat's keeper uses of the tab that a page is in. */
export interface Tab {
  /** Tries to hold a name alone among all tabs until the page goes. */
  hold(name: string): Promise<boolean>
  /** Calls fn at once, and whenever the page is hidden or shown again. */
  onHidden(fn: (hidden: boolean) => void): () => void
  /** Calls fn whenever the page has a network again, or another one. */
  onOnline(fn: () => void): () => void
}

/** Everything impure that the SDK uses, so that tests need no network and no timers. */
export interface Env {
  /** Milliseconds of a clock that never goes back. */
  now(): number
  /** 0 to 1. */
  random(): number
  /** Calls fn once after ms milliseconds, unless the returned function is called first. */
  after(ms: number, fn: () => void): () => void
  connect(url: string, protocols: string[], events: SocketEvents): Socket
  post(url: string, body: unknown): Promise<Answer>
  /** What match.js asks the server with, unless it is the browser's own. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
  /** Where relative addresses start: the page's own. */
  readonly base: string
  /** Survives a reload of this tab; a duplicated tab starts with a copy. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  /** The tab, unless it is a browser's own. */
  readonly tab?: Tab
  /** Loads what a room needs only if its conn fails. */
  keeping(): Promise<typeof import('./keep.js')>
}

/** The environment of a browser page. */
export function browserEnv(): Env {
  return {
    now: () => performance.now(),
    random: Math.random,
    after: (ms, fn) => {
      const timer = setTimeout(fn, ms)
      return () => clearTimeout(timer)
    },
    connect: openSocket,
    post: (url, body) =>
      fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    base: location.href,
    storage: sessionStorage,
    keeping: () => import('./keep.js'),
  }
}

function openSocket(url: string, protocols: string[], events: SocketEvents): Socket {
  const ws = new WebSocket(url, protocols)
  ws.binaryType = 'arraybuffer'
  ws.onopen = () => events.opened()
  ws.onmessage = ({ data }) => events.message(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(0))
  ws.onclose = ({ code }) => events.closed(code)
  return {
    send: (bytes) => ws.send(bytes),
    close: () => {
      ws.onopen = ws.onmessage = ws.onclose = null
      ws.close()
    },
  }
}
