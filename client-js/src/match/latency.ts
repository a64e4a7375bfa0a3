import type { Latencies } from './join.js'
import { type AskOptions, Server } from './server.js'

const times = 3 // that a region is asked: the first opens the conn, the best counts
const patienceMs = 2000 // what has not answered by then is left out, or counts as it is
const freshMs = 60_000

interface Measured {
  readonly at: number
  readonly found: Promise<Latencies>
}

/** By the tab's storage, which all who ask in a page have in common, and the server. */
const measured = new WeakMap<object, Map<string, Measured>>()

/**
 * Milliseconds to each region that the server knows of, measured at most once a minute.
 * Nothing is known of a region that does not answer, and of none if the server does not.
 */
export function latencies(options: AskOptions = {}): Promise<Latencies> {
  return latenciesOf(new Server(options))
}

export function latenciesOf(server: Server): Promise<Latencies> {
  const { env, base } = server
  const known = measured.get(env.storage) ?? new Map<string, Measured>()
  measured.set(env.storage, known)
  const last = known.get(base.origin)
  if (last && env.now() - last.at < freshMs) return last.found
  const found = measure(server).catch(() => {
    known.delete(base.origin)
    return {}
  })
  known.set(base.origin, { at: env.now(), found })
  return found
}

async function measure(server: Server): Promise<Latencies> {
  const answer = await server.send('GET', '/v1/regions')
  const { regions } = (await answer.json()) as { regions: readonly { region: string; ping: string }[] }
  const all = await Promise.all(regions.map(async (r) => [r.region, await ping(server, r.ping)] as const))
  return Object.fromEntries(all.filter(([, ms]) => ms < Infinity))
}

/** The shortest of some round trips. Another server learns nothing of our login. */
async function ping({ env, base }: Server, address: string): Promise<number> {
  const get = env.fetch ?? fetch
  const stop = new AbortController()
  const cancel = env.after(patienceMs, () => stop.abort())
  const init: RequestInit = { cache: 'no-store', credentials: 'omit', signal: stop.signal }
  let best = Infinity
  try {
    for (let i = 0; i < times; i++) {
      const began = env.now()
      if (!(await get(new URL(address, base).href, init)).ok) break
      best = Math.min(best, Math.round((env.now() - began) * 10) / 10)
    }
  } catch {
    // It cannot be reached, or took too long.
  }
  cancel()
  return best
}
