// The ways to another room: back to the screen that asks for a name, or on to a seat.

/** Of the tab: a reload goes on without asking. */
export const playingKey = 'arena.playing'

/** Plays under the name given, from wherever one watches. */
export function playNow(): void {
  const url = new URL(location.href)
  url.searchParams.delete('watch')
  location.assign(url)
}

/** Loads the page as it is first visited. */
export function goHome(): void {
  sessionStorage.removeItem(playingKey)
  location.assign(location.pathname)
}
