import type { Env } from './env.js'

/** What brings a reloaded page back to its seat. */
export interface SavedSeat {
  readonly url: string
  readonly secret: string
}

/** Where a room is to be joined: the seat from before a reload, or a new one by its token. */
export type SeatAt = SavedSeat | { readonly url: string; readonly token: string }

interface Stored extends SavedSeat {
  readonly lock: string
}

/**
 * Keeps a seat's resume secret in the tab's storage. A reload finds it there and holds
 * its lock again; a duplicated tab finds a copy whose lock another tab holds, and so
 * becomes a new player.
 */
export class SeatKeeper {
  private readonly key: string
  private lock = ''

  constructor(
    private readonly env: Env,
    game: string,
  ) {
    this.key = `roomtick.seat.${game}`
  }

  /** The seat of this tab from before a reload, if nobody else holds it. */
  async claim(): Promise<SavedSeat | undefined> {
    const stored = this.read()
    if (stored && (await this.env.hold(stored.lock))) {
      this.lock = stored.lock
      return stored
    }
    this.lock = `${this.key}.${this.env.random().toString(36).slice(2)}`
    await this.env.hold(this.lock)
    return undefined
  }

  save(seat: SavedSeat): void {
    try {
      this.env.storage.setItem(this.key, JSON.stringify({ ...seat, lock: this.lock }))
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

  private read(): Stored | undefined {
    try {
      const { url, secret, lock } = JSON.parse(this.env.storage.getItem(this.key) ?? '') as Partial<Stored>
      return url && secret && lock ? { url, secret, lock } : undefined
    } catch {
      return undefined
    }
  }
}
