// The way back to the screen that asks for a name.

/** Of the tab: a reload goes on without asking. */
export const playingKey = 'arena.playing'

/** Loads the page as it is first visited. */
export function goHome(): void {
  sessionStorage.removeItem(playingKey)
  location.assign(location.pathname)
}
