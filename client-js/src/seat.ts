import type { Env } from './env.js'
import { browserTab } from './tab.js'

/** What brings a reloaded page back to its seat. */
export interface SavedSeat {
  readonly url: string
  readonly secret: string
  /** The name that this tab holds for as long as the page is there. */
  readonly lock: string
}

/** Where a room is to be joined: the seat from before a reload, or a new one by its token. */
export type SeatAt = SavedSeat | { readonly url: string; readonly token: string }

/**
 * The seat of this tab from before a reload, if nobody else holds it: a reload finds it in
 * the tab's storage and holds its lock again; a duplicated tab finds a copy whose lock
 * another tab holds, and so becomes a new player.
 */
export async function claim(env: Env, stored: string): Promise<SavedSeat | undefined> {
  try {
    const { url, secret, lock } = JSON.parse(stored) as Partial<SavedSeat>
    return url && secret && lock && (await (env.tab ?? browserTab).hold(lock)) ? { url, secret, lock } : undefined
  } catch {
    return undefined // somebody else's
  }
}

/** Keeps a seat's resume secret in the tab's storage. */
export class SeatStore {
  private readonly lock: string

  constructor(
    private readonly env: Env,
    private readonly key: string,
    private readonly at: SeatAt,
  ) {
    if ('lock' in at) {
      this.lock = at.lock // held already
      return
    }
    this.lock = `${key}.${env.random().toString(36).slice(2)}`
    void (env.tab ?? browserTab).hold(this.lock)
  }

  save(secret: string): void {
    try {
      const { url } = this.at
      this.env.storage.setItem(this.key, JSON.stringify({ url, secret, lock: this.lock }))
    } catch {
      // Storage that is full or forbidden costs the seat on reload, nothing now.
    }
  }

  clear(): void {
    try {
      this.env.storage.removeItem(this.key)
    } catch {
      // As above.
    }
  }
}
