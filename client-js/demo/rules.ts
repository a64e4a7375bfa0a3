// Written from sim/arena by go test -update; not to be edited.

export const worldSize = 12000
export const turnRate = 3.6
export const acceleration = 240
export const drag = 0.6
export const maxSpeed = 380
/** Share of the speed kept at a bounce. */
export const wallSpeed = 0.6
/** Between two shots, and the same with rapid fire. */
export const reloadMs = 300
export const rapidMs = 150
/** Radius of a rock by its size. */
export const rockRadii = [0, 18, 34, 60]
/** Who watches has this one, and sees the match so much later. */
export const noSeat = 65535
export const watchDelayMs = 3000
/** The longest line of chat, in bytes. */
export const chatBytes = 120
/** What a ship has picked up. */
export const Power = { none: 0, rapid: 1, shield: 2 } as const
/** What lies around to be picked up. */
export const PickupKind = { repair: 1, rapid: 2, shield: 3 } as const
/** How large an explosion is. */
export const BoomSize = { spark: 1, rock: 2, ship: 3 } as const
