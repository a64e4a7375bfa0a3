import type { Tab } from './env.js'

/** How long a reloaded page waits for the lock of the page it replaces. */
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
  if (!navigator.locks) {
    const [entry] = performance.getEntriesByType('navigation')
    return Promise.resolve(entry instanceof PerformanceNavigationTiming && entry.type === 'reload')
  }
  return new Promise((resolve) => {
    navigator.locks
      .request(name, { signal: AbortSignal.timeout(lockWaitMs) }, () => {
        resolve(true)
        return new Promise(() => {}) // held until the page goes
      })
      .catch(() => resolve(false))
  })
}
