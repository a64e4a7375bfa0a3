package arena

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/roomtick/roomtick/sim"
)

// TestThePageHasTheGoldenRules writes or compares the numbers that the page shares with
// the game, so that nobody copies them by hand.
func TestThePageHasTheGoldenRules(t *testing.T) {
	milliseconds := func(ticks int) int { return ticks * 1000 / tickRate }
	radii := make([]string, large+1)
	for size := range radii {
		radii[size] = fmt.Sprint((&Rock{Size: uint8(size)}).radius())
	}
	radii[0] = "0"
	text := reflect.TypeFor[Say]().Field(0).Tag.Get("sync")
	golden(t, "../../client-js/demo/rules.ts", fmt.Sprintf(`// Written from sim/arena by go test -update; not to be edited.

export const worldSize = %v
export const turnRate = %v
export const acceleration = %v
export const drag = %v
export const maxSpeed = %v
/** Share of the speed kept at a bounce. */
export const wallSpeed = %v
/** Between two shots, and the same with rapid fire. */
export const reloadMs = %v
export const rapidMs = %v
/** Radius of a rock by its size. */
export const rockRadii = [%s]
/** Who watches has this one, and sees the match so much later. */
export const noSeat = %d
export const watchDelayMs = %v
/** The longest line of chat, in bytes. */
export const chatBytes = %s
/** What a ship has picked up. */
export const Power = { none: %d, rapid: %d, shield: %d } as const
/** What lies around to be picked up. */
export const PickupKind = { repair: %d, rapid: %d, shield: %d } as const
/** How large an explosion is. */
export const BoomSize = { spark: %d, rock: %d, ship: %d } as const
`, Size, turnRate, thrust, drag, maxSpeed, wallSpeed, milliseconds(reloadTicks), milliseconds(rapidTicks),
		strings.Join(radii, ", "), sim.NoSeat, watchDelay*1000, strings.TrimPrefix(text, "max="), powerNone, powerRapid, powerShield,
		pickupRepair, pickupRapid, pickupShield, boomSpark, boomRock, boomShip))
}
