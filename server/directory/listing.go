package directory

import (
	"fmt"
	"time"
)

// Owner is the right to run a room: it is good until a higher epoch exists.
type Owner struct {
	Room  string
	Node  string
	Epoch uint64
}

// Listing is what all nodes know of a room.
type Listing struct {
	Owner      `json:"-"`
	Game       string     `json:"game,omitempty"`
	Mode       string     `json:"mode,omitempty"`
	Region     string     `json:"region,omitempty"`
	Build      string     `json:"build,omitempty"`
	Properties Properties `json:"properties,omitempty"`
	Created    time.Time  `json:"created,omitzero"`

	Players       int `json:"players,omitempty"` // seated people
	Bots          int `json:"bots,omitempty"`
	Reserved      int `json:"reserved,omitempty"` // seats held for people on their way, by the room or as Seats does
	MaxPlayers    int `json:"max,omitempty"`
	Spectators    int `json:"watching,omitempty"`
	MaxSpectators int `json:"maxWatching,omitempty"`

	Tick     uint32 `json:"tick,omitempty"` // as of the last change of anything else here
	TickRate int    `json:"rate,omitempty"`

	Locked   bool   `json:"locked,omitempty"`   // takes nobody who has no seat yet
	Begun    bool   `json:"begun,omitempty"`    // and takes nobody late: no seats for matchmaking
	Private  bool   `json:"private,omitempty"`  // found by its id or code only
	Password bool   `json:"password,omitempty"` // asks for one
	Code     string `json:"code,omitempty"`     // for people to tell each other; empty if it has none

	// Look rises with each look at the room that its owner publishes: what an earlier
	// one saw does not replace what a later one did, whichever arrives first.
	Look uint64 `json:"look,omitempty"`
}

// Free is how many seats a join may hope for.
func (l *Listing) Free() int { return l.MaxPlayers - l.Players - l.Bots - l.Reserved }

// validate says what is wrong with l, as an ErrInvalid.
func (l *Listing) validate() error {
	if l.Epoch >= maxEpoch || l.Look >= maxEpoch {
		return fmt.Errorf("%w: epoch %d, look %d", ErrInvalid, l.Epoch, l.Look)
	}
	return l.Properties.Validate()
}

// maxEpoch is above all epochs and looks: in Lua's numbers, larger ones are not exact. As
// microseconds it is in the year 2255.
const maxEpoch = 1 << 53

// Properties are a room's own, by name: strings, bools, and numbers as float64.
type Properties map[string]any

// Bounds of Properties, so that ten thousand rooms remain something to fetch.
const (
	maxProperties = 16
	maxName       = 32 // bytes
	maxValue      = 64 // bytes
)

// Validate says what is wrong with p, as an ErrInvalid.
func (p Properties) Validate() error {
	if len(p) > maxProperties {
		return fmt.Errorf("%w: %d properties; at most %d", ErrInvalid, len(p), maxProperties)
	}
	for name, value := range p {
		if name == "" || len(name) > maxName {
			return fmt.Errorf("%w: property %.40q: a name is 1 to %d bytes", ErrInvalid, name, maxName)
		}
		switch v := value.(type) {
		case bool, float64:
		case string:
			if len(v) > maxValue {
				return fmt.Errorf("%w: property %q: a string is at most %d bytes", ErrInvalid, name, maxValue)
			}
		default:
			return fmt.Errorf("%w: property %q is a %T, not a string, float64 or bool", ErrInvalid, name, value)
		}
	}
	return nil
}
