/** Names of the close codes from 4000 on; PROTOCOL.md section 9. */
const closeNames = (
  'left malformed text token-invalid token-expired token-used room-gone resume-refused replaced ' +
  'hello-timeout idle far-inputs lagging flood event-overflow kicked room-failed restart room-full busy session-expired'
).split(' ')

/** Close codes that the SDK itself acts on. */
export const CloseCode = { left: 4000, roomGone: 4006, resumeRefused: 4007, replaced: 4008, restart: 4017 } as const

/**
 * Why a join failed or a room closed: a stable code, what happened, and what to do. The
 * message says both, for a console that shows nothing else.
 */
export class RoomError extends Error {
  override readonly name = 'RoomError'

  constructor(
    /** Short and stable, such as 'room-full' or 'malformed'. */
    readonly code: string,
    /** What happened. */
    readonly reason: string,
    /** What a developer or player can do about it. */
    readonly hint = '',
    /** Milliseconds after which another attempt may do better; undefined if none will. */
    readonly retryMs: number | undefined = undefined,
  ) {
    super(hint ? `${reason} (${hint})` : reason)
  }
}

/** The name of a close code, 'lost' for a socket that ended without one of ours. */
export function closeName(code: number): string {
  return closeNames[code - 4000] ?? 'lost'
}

/** For bytes that break a section of PROTOCOL.md: a bug, or another version. */
export function malformed(section: string): RoomError {
  return new RoomError('malformed', `PROTOCOL.md ${section}`, "Update the SDK to the server's version.")
}
