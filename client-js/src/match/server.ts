import { browserEnv, type Env, RoomError } from '../index.js'

const tries = 6 // as many as a join makes
const firstMs = 50
const lateMs = 1000
const patienceMs = 10_000 // a server that wants us to wait longer is taken for a no

/** What every request of this module may be given. */
export interface AskOptions {
  /** The server's address; left out, the one this page came from. */
  readonly url?: string
  /** The token of your login, or what returns a fresh one; asked before each request. */
  readonly auth?: string | (() => string | Promise<string>)
  /** For tests. */
  readonly env?: Env
}

/** One request, beside its method and path. */
export interface Asked {
  readonly body?: unknown
  /** The same for all attempts of one wish, so that it is granted once. */
  readonly key?: string
  /** Of a ticket or a party, from who has no login. */
  readonly secret?: string | undefined
  readonly signal?: AbortSignal
  readonly lastEvent?: string
}

/** The matchmaking API of one server, as one player. */
export class Server {
  readonly env: Env
  readonly base: URL

  constructor(private readonly options: AskOptions) {
    this.env = options.env ?? browserEnv()
    this.base = new URL(options.url ?? '/', this.env.base)
  }

  /** A key for the attempts of one wish. It needs to differ, not to be secret. */
  key(): string {
    const part = () => this.env.random().toString(36).slice(2, 12)
    return `${part()}${part()}`
  }

  /** One attempt. Rejects with 'unreachable' if no answer came, and with signal's reason. */
  async send(method: string, path: string, { body, key, secret, signal, lastEvent }: Asked = {}): Promise<Response> {
    const headers: Record<string, string> = {}
    const { auth } = this.options
    const token = typeof auth === 'function' ? await auth() : auth
    if (token) headers.Authorization = `Bearer ${token}`
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    if (key) headers['Idempotency-Key'] = key
    if (secret) headers['Ticket-Secret'] = secret
    if (lastEvent) headers['Last-Event-ID'] = lastEvent
    const init: RequestInit = { method, headers, ...(signal && { signal }) }
    if (body !== undefined) init.body = JSON.stringify(body)
    const get = this.env.fetch ?? fetch
    return get(new URL(path, this.base).href, init).catch((error: unknown) => {
      if (signal?.aborted) throw error
      const hint = 'Check the address and that the server runs.'
      throw new RoomError('unreachable', `no answer from ${this.base.host}`, hint, 0)
    })
  }

  /** Asks until the server says yes or no; what may pass soon is tried again for some seconds. */
  async ask<T>(method: string, path: string, asked: Asked = {}): Promise<T> {
    for (let tried = 1; ; tried++) {
      try {
        const answer = await this.send(method, path, asked)
        if (!answer.ok) throw await problemOf(answer)
        return (await answer.json()) as T
      } catch (error) {
        const wait = error instanceof RoomError ? error.retryMs : undefined
        if (wait === undefined || wait > patienceMs || tried === tries) throw error
        await this.pause(tried, wait)
      }
    }
  }

  /** Waits at least so long, and at random below a bound that doubles: many clients may do so at once. */
  pause(tried: number, atLeast = 0): Promise<void> {
    const more = this.env.random() * Math.min(lateMs, firstMs * 2 ** tried)
    return new Promise((go) => this.env.after(atLeast + more, go))
  }
}

/** An answer that is no yes, an RFC 9457 problem, as an error. */
export async function problemOf(answer: Response): Promise<RoomError> {
  const said = (await answer.json().catch(() => ({}))) as Partial<Record<'code' | 'detail' | 'hint', string>>
  const busy = answer.status === 429 || (answer.status >= 502 && answer.status <= 504)
  return new RoomError(
    said.code ?? `http-${answer.status}`,
    said.detail ?? `the server answered ${answer.status}`,
    said.hint,
    busy ? 1000 * (Number(answer.headers.get('Retry-After')) || 0) : undefined,
  )
}
