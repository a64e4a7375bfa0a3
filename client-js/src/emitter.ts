/** Stops a listener. */
export type Off = () => void

/** Listeners by name. One that throws does not keep the others from being called. */
export class Emitter<Events extends object> {
  private readonly listeners = new Map<keyof Events, Set<(arg: never) => void>>()

  on<K extends keyof Events>(name: K, fn: (arg: Events[K]) => void): Off {
    const set = this.listeners.get(name) ?? new Set()
    this.listeners.set(name, set)
    const own = (arg: Events[K]) => fn(arg) // so that one function can be added twice
    set.add(own)
    return () => void set.delete(own)
  }

  /** What has ever been listened to. */
  get names(): Iterable<keyof Events> {
    return this.listeners.keys()
  }

  has(name: keyof Events): boolean {
    return (this.listeners.get(name)?.size ?? 0) > 0
  }

  emit<K extends keyof Events>(name: K, arg: Events[K]): void {
    for (const fn of [...(this.listeners.get(name) ?? [])]) {
      try {
        ;(fn as (arg: Events[K]) => void)(arg)
      } catch (error) {
        queueMicrotask(() => {
          throw error // where the page's own error handling sees it
        })
      }
    }
  }
}
