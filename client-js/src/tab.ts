import type { Tab } from './env.js'

/**
 * How long a page waits for a lock. A page that was reloaded gets it from the one that it
 * replaces, which may take its time to go on a busy machine; others are mostly duplicates.
 */
const reloadedMs = 3000
const lockWaitMs = 400

/** The tab of a browser. */
export const browserTab: Tab = {
  hold: holdLock,
  onHidden: (fn) => {
    const listener = () => fn(document.hidden)
    document.addEventListener('visibilitychange', listener)
    listener()
    return () => document.removeEventListener('visibilitychange', listener)
  },
  onOnline: (fn) => {
    addEventListener('online', fn)
    return () => removeEventListener('online', fn)
  },
}

/**
 * Web Locks exist on secure pages only. Without them a reload is told from a
 * duplicated tab by how the page was navigated to.
 */
function holdLock(name: string): Promise<boolean> {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  const reloaded = entry?.type === 'reload'
  if (!navigator.locks) return Promise.resolve(reloaded)
  return new Promise((resolve) => {
    navigator.locks
      .request(name, { signal: AbortSignal.timeout(reloaded ? reloadedMs : lockWaitMs) }, () => {
        resolve(true)
        return new Promise(() => {}) // held until the page goes
      })
      .catch(() => resolve(false))
  })
}
