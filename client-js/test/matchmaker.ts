import { FakeEnv, settle } from './env.js'

interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  readonly signal: AbortSignal | undefined
}

type Answering = (asked: Asked) => Promise<Response>

/** An Env whose matchmaking API is the test. */
export class MatchEnv extends FakeEnv {
  readonly asked: Asked[] = []
  private drawn = 1
  /** Differs from call to call, as keys must. */
  override random = () => {
    this.drawn = (this.drawn * 16807) % 2147483647
    return this.drawn / 2147483647
  }
  private readonly routes = new Map<string, Answering[]>()

  /** Answers requests of 'METHOD /path', in order; the last answer stays. */
  on(route: string, ...answers: Answering[]): void {
    this.routes.set(route, answers)
  }

  readonly fetch = (url: string, init: RequestInit): Promise<Response> => {
    const { pathname, search } = new URL(url)
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined
    const asked: Asked = {
      method: init.method ?? 'GET',
      path: pathname + search,
      headers: init.headers as Record<string, string>,
      body,
      signal: init.signal ?? undefined,
    }
    this.asked.push(asked)
    const answers = this.routes.get(`${asked.method} ${pathname}`) ?? []
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    return answer ? answer(asked) : Promise.reject(new TypeError(`nobody answers ${asked.method} ${asked.path}`))
  }

  /** The requests of a method and the start of a path. */
  count(method: string, path: string): number {
    return this.asked.filter((a) => a.method === method && a.path.startsWith(path)).length
  }

  /** Lets time pass in small steps, so that promises keep up. */
  async run(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 50) {
      await settle()
      this.pass(Math.min(left, 50))
    }
    await settle()
  }

  /** The same tab with the page loaded anew: its storage stays, its locks are free. */
  reload(): MatchEnv {
    const next = new MatchEnv()
    for (const [key, value] of this.stored) next.stored.set(key, value)
    return next
  }
}

/** An answer with JSON. */
export function yes(body: unknown): Answering {
  return () => Promise.resolve(Response.json(body))
}

/** A refusal. */
export function problem(status: number, body: unknown, headers: Record<string, string> = {}): Answering {
  return () => Promise.resolve(Response.json(body, { status, headers }))
}

/** A stream of server-sent events that the test writes. */
export class Stream {
  private control: ReadableStreamDefaultController<Uint8Array> | undefined

  readonly answer: Answering = ({ signal }) => {
    const body = new ReadableStream<Uint8Array>({
      start: (control) => {
        this.control = control
        signal?.addEventListener('abort', () => control.error(signal.reason), { once: true })
      },
    })
    return Promise.resolve(new Response(body, { headers: { 'Content-Type': 'text/event-stream' } }))
  }

  /** Sends an event, in two pieces. */
  async tell(data: unknown, event = 'ticket', id = '1'): Promise<void> {
    const head = `: beat\n\nevent: ${event}\n${id && `id: ${id}\n`}`
    const bytes = new TextEncoder().encode(`${head}data: ${JSON.stringify(data)}\n\n`)
    this.control?.enqueue(bytes.slice(0, 20))
    this.control?.enqueue(bytes.slice(20))
    await arrived()
  }

  async end(): Promise<void> {
    this.control?.close()
    await arrived()
  }
}

/** Web streams settle over several turns of the event loop. */
export async function arrived(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise((go) => setImmediate(go))
}
