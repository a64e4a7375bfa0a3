package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"github.com/roomtick/roomtick/sim"
)

// Why a seat token is refused.
var (
	ErrTokenInvalid = errors.New("server: seat token not valid")
	ErrTokenExpired = errors.New("server: seat token expired")
)

// seatTokenLife is how long a seat token, and the reservation behind it, lasts: time
// for a page to open a socket, short enough that an abandoned join frees its seat.
const seatTokenLife = 30 * time.Second

// claims is what a seat token proves: this player may take this seat, once.
type claims struct {
	Room       string
	Node       string // that runs the room
	Player     string
	Nonce      string // burned by the room at its first use
	Seat       sim.Seat
	EpochFloor uint64 // the room's epoch when the seat was reserved
	Expires    time.Time
	Until      time.Time // when the player's identity expires; zero is never
}

// signer makes and checks seat tokens. Layout, base64url without padding:
//
//	1 byte    version, 2
//	2         seat
//	8         epoch floor
//	8         expiry, Unix milliseconds
//	8         end of the identity, likewise; 0 if it has none
//	4 times   1 byte length, then room, node, player, nonce
//	32        HMAC-SHA256 of all before
type signer struct{ key []byte }

const (
	tokenVersion = 2
	tokenHead    = 1 + 2 + 8 + 8 + 8
	maxToken     = 1024 // characters; ours are 250 to 420
)

// sign returns the token for c. Its strings are at most 255 bytes long, being ids of ours.
func (s signer) sign(c claims) string {
	b := append(make([]byte, 0, 384), tokenVersion) // ours are no longer
	b = binary.BigEndian.AppendUint16(b, uint16(c.Seat))
	b = binary.BigEndian.AppendUint64(b, c.EpochFloor)
	b = binary.BigEndian.AppendUint64(b, uint64(c.Expires.UnixMilli()))
	until := uint64(0)
	if !c.Until.IsZero() {
		until = uint64(c.Until.UnixMilli())
	}
	b = binary.BigEndian.AppendUint64(b, until)
	for _, text := range []string{c.Room, c.Node, c.Player, c.Nonce} {
		text = text[:min(len(text), 255)]
		b = append(b, byte(len(text)))
		b = append(b, text...)
	}
	return base64.RawURLEncoding.EncodeToString(s.mac(b, b))
}

// verify returns what token proves at now: ErrTokenInvalid if it was not made with
// this key, ErrTokenExpired if it once was good.
func (s signer) verify(token string, now time.Time) (claims, error) {
	if len(token) > maxToken || strings.ContainsAny(token, "\r\n") { // base64 skips line ends
		return claims{}, ErrTokenInvalid
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) < tokenHead+sha256.Size {
		return claims{}, ErrTokenInvalid
	}
	b, mac := b[:len(b)-sha256.Size], b[len(b)-sha256.Size:]
	if !hmac.Equal(mac, s.mac(nil, b)) { // constant time
		return claims{}, ErrTokenInvalid
	}
	c, ok := parseClaims(b)
	switch {
	case !ok:
		return claims{}, ErrTokenInvalid
	case !now.Before(c.Expires):
		return claims{}, ErrTokenExpired
	}
	return c, nil
}

// parseClaims reads what sign wrote, before the MAC.
func parseClaims(b []byte) (c claims, ok bool) {
	if b[0] != tokenVersion {
		return c, false
	}
	c.Seat = sim.Seat(binary.BigEndian.Uint16(b[1:]))
	c.EpochFloor = binary.BigEndian.Uint64(b[3:])
	c.Expires = time.UnixMilli(int64(binary.BigEndian.Uint64(b[11:])))
	if until := binary.BigEndian.Uint64(b[19:]); until != 0 {
		c.Until = time.UnixMilli(int64(until))
	}
	b = b[tokenHead:]
	for _, text := range []*string{&c.Room, &c.Node, &c.Player, &c.Nonce} {
		if len(b) == 0 || len(b) < 1+int(b[0]) {
			return c, false
		}
		*text = string(b[1 : 1+b[0]])
		b = b[1+b[0]:]
	}
	return c, len(b) == 0
}

// mac appends the code of text to dst.
func (s signer) mac(dst, text []byte) []byte {
	h := hmac.New(sha256.New, s.key)
	h.Write(text)
	return h.Sum(dst)
}
