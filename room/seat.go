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
	nonce   string    // of the reservation; kept after its use
	expires time.Time // of a reservation, or of an absence

	secret   string // resumes the seat
	previous string // valid until secret is first used

	inputs inputBuffer
	outbox outbox
	events eventIntake
	hashes float64 // pubHashes of its client that may be compared now

	conn     Conn
	gate     gate
	visible  []sim.Group // scratch for sim.Visible
	held     *groupSet   // what the player sees now
	overflow bool        // its outbox is full: close the conn
	greet    bool        // the next frame carries the welcome
	resumed  bool        // the welcome says so
	reset    bool        // the next frame starts from nothing
	knows    string      // descriptor hash the client holds
	clock    clockRequest
	every    uint32 // sends of the room between two sends of this conn; 1 is all
	view     uint32 // tick the player draws, 24.8 fixed point
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

// accepts reports whether secret resumes the seat, and rotates it if so: a new
// secret comes into force, and the one the client is known to hold stays valid
// until the new one is used, so that a welcome lost on the way locks nobody out.
func (s *seat) accepts(secret string) bool {
	switch {
	case s.state != seatPlaying && s.state != seatAway:
		return false
	case equal(secret, s.secret):
		s.previous = s.secret
	case s.previous == "" || !equal(secret, s.previous):
		return false
	}
	s.secret = newSecret(s.player.Seat)
	return true
}

func equal(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
