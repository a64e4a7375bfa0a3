interface Named {
  readonly name: string
}

/**
 * Tells on the console of names that the game does not have, each once: a misspelled one
 * does nothing otherwise.
 */
export class Spelling {
  private readonly seen = new Set<string>()

  /** kind is what the name should be of, known all that there are. */
  check(kind: string, name: string, known: readonly Named[]): void {
    const key = `${kind} ${name}`
    if (this.seen.has(key)) return
    this.seen.add(key)
    if (known.some((k) => k.name === name)) return
    const names = known.map((k) => k.name).join(', ')
    console.warn(`roomtick: there is no ${key}; the game has: ${names || 'none'}`)
  }

  /** Reports what is read of an object by a name that it does not have. */
  watch(object: object, kind: string, known: () => readonly Named[]): void {
    const missed = (_: object, name: string | symbol): undefined => {
      // The language itself asks whether it is a promise, or has a JSON form.
      const own = typeof name === 'symbol' || name === 'then' || name === 'toJSON' || name in Object.prototype
      if (!own) this.check(kind, name, known())
    }
    const plain = Object.prototype
    const get = (of: object, name: string | symbol) => (name in plain ? Reflect.get(plain, name) : missed(of, name))
    Object.setPrototypeOf(object, new Proxy(Object.create(null), { get }))
  }
}
