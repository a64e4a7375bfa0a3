package room

import (
	"crypto/rand"
	"crypto/subtle"
	"strconv"
	"strings"
	"time"

	"github.com/roomtick/roomtick/sim"
)

// seatState is where a seat is in its life.
type seatState uint8

const (
	seatFree     seatState = iota
	seatReserved           // a token for it is out
	seatPlaying            // has a conn
	seatAway               // its conn is gone; resumable until expires
	seatBot                // a computer player, for the life of the room
)

// seat is one place in the room and all that outlives a conn. Owned by the room
// goroutine.
type seat struct {
	state   seatState
	player  sim.PlayerInfo
	nonce   string       // of the reservation; kept after its use
	expires time.Time    // of a reservation, or of an absence
	until   time.Time    // when the player's identity expires; zero is never
	back    *Reservation // lets the player come back to a seat that is taken; nil if none is out

	secrets []string // that resume the seat, the newest last; see accepts

	inputs inputBuffer
	outbox outbox
	events eventIntake
	hashes float64 // pubHashes of its client that may be compared now

	conn     Conn
	gate     gate
	visible  []sim.Sight // what the player sees, as of views
	views    uint64      // sim's version of it
	lookedAt uint64      // the publisher's groups when held was found
	held     *groupSet   // the groups of visible that exist
	copies   []copyOf    // what the client holds once the newest frame is applied, by slot
	overflow bool        // its outbox is full: close the conn
	greet    bool        // the next frame carries the welcome
	resumed  bool        // the welcome says so
	reset    bool        // the next frame starts from nothing
	knows    string      // descriptor hash the client holds
	clock    clockRequest
	every    uint32 // sends of the room between two sends of this conn; 1 is all
	viewing  viewing
	trail    trail
}

// copyOf is a client's copy of a group.
type copyOf struct {
	slot uint32
	seq  uint32 // the send tick that it is of
}

// clockRequest waits for the next frame.
type clockRequest struct {
	pending  bool
	sent     uint32
	received float64 // room time in ms
}

// newSecret makes a resume secret of 130 random bits for seat i. It is shown in the
// subprotocol list, so it only has characters that are legal there.
func newSecret(i sim.Seat) string {
	return strconv.Itoa(int(i)) + "-" + rand.Text()
}

// seatOfSecret returns the seat a secret belongs to by its own word.
func seatOfSecret(secret string) (sim.Seat, bool) {
	number, _, ok := strings.Cut(secret, "-")
	i, err := strconv.ParseUint(number, 10, 16)
	return sim.Seat(i), ok && err == nil
}

// maxSecrets bounds how many secrets of a seat are out and not used.
const maxSecrets = 4

// accepts reports whether secret resumes the seat, and rotates it if so: a new secret
// comes into force, those older than the one shown end. The one shown stays valid, with
// those after it, until a newer one is used: a welcome lost on the way, or two conns
// that resume at once, lock nobody out.
func (s *seat) accepts(secret string) bool {
	if s.state != seatPlaying && s.state != seatAway {
		return false
	}
	for i := range s.secrets {
		if !equal(secret, s.secrets[i]) {
			continue
		}
		s.secrets = append(s.secrets[:0], s.secrets[i:]...)
		s.issue()
		return true
	}
	return false
}

// issue adds a new secret. Beyond maxSecrets the second oldest goes: the oldest is the
// only one that the client is known to hold.
func (s *seat) issue() {
	if len(s.secrets) == maxSecrets {
		s.secrets = append(s.secrets[:1], s.secrets[2:]...)
	}
	s.secrets = append(s.secrets, newSecret(s.player.Seat))
}

// secret is the newest one, for the welcome.
func (s *seat) secret() string { return s.secrets[len(s.secrets)-1] }

func equal(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
