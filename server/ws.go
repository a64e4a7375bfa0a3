package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/roomtick/roomtick/room"
	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/conn"
	"github.com/roomtick/roomtick/sim"
)

var _ room.Conn = (*conn.Conn)(nil)

// claimTimeout bounds how long a socket waits for its room to take it.
const claimTimeout = 5 * time.Second

// credential is what a client shows for its seat, from the subprotocols it offers.
type credential struct {
	token  string // seat.<token>: takes a reserved seat
	secret string // resume.<secret>: takes back its own
}

func (c credential) present() bool { return c.token != "" || c.secret != "" }

// credentialOf reads the offered subprotocols; ok is false if ours is not among them.
func credentialOf(r *http.Request) (c credential, ok bool) {
	var offered []string
	for _, header := range r.Header.Values("Sec-WebSocket-Protocol") {
		for p := range strings.SplitSeq(header, ",") {
			offered = append(offered, strings.TrimSpace(p))
		}
	}
	for _, p := range offered {
		if token, found := strings.CutPrefix(p, "seat."); found {
			c.token = token
		}
		if secret, found := strings.CutPrefix(p, "resume."); found {
			c.secret = secret
		}
	}
	return c, slices.Contains(offered, schema.Subprotocol)
}

// socket is GET /v1/rooms/{room}/ws. What a browser's page could not see anyway is
// refused before the upgrade; what its developer has to know, after it.
func (n *node) socket(allowed origins) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cred, ok := credentialOf(r)
		switch {
		case !allowed.allowSocket(r, cred.present()):
			crossOrigin().write(w)
			return
		case !ok:
			noSubprotocol().write(w)
			return
		}
		if !n.startPlaying() {
			draining().write(w)
			return
		}
		c, err := conn.Accept(w, r, conn.Options{Stats: n.conns, Pair: n.cfg.pair})
		if err != nil {
			n.playing.Done()
			n.log.Debug("handshake failed", "cause", err)
			return
		}
		// A goroutine of its own, so that the HTTP server's buffers are freed.
		go n.play(c, r.PathValue("room"), cred)
	})
}

// startPlaying counts a conn, unless the node is going away.
func (n *node) startPlaying() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.draining {
		n.playing.Add(1)
	}
	return !n.draining
}

// play is the life of one conn.
func (n *node) play(c *conn.Conn, roomID string, cred credential) {
	if code := n.admit(c, roomID, cred); code != 0 {
		n.log.Debug("conn refused", "code", code)
		c.Refuse(code)
	}
	c.Start(n.cut, func(err error) {
		defer n.playing.Done()
		n.log.Debug("conn ended", "cause", err)
	})
}

// admit gives the conn to its room. It returns the code to refuse it with, or 0; a
// conn whose hello failed has refused itself.
//
// Rooms that never were answer like rooms that know better: nobody learns which
// rooms exist without a credential for them.
func (n *node) admit(c *conn.Conn, roomID string, cred credential) schema.CloseCode {
	var seat claims
	if cred.secret == "" {
		var err error
		seat, err = n.tokens.verify(cred.token, time.Now())
		switch {
		case errors.Is(err, ErrTokenExpired):
			return schema.CloseTokenExpired
		case err != nil, seat.Room != roomID, seat.Node != n.id:
			return schema.CloseTokenInvalid
		case n.bans.left(seat.Player, time.Now()) > 0: // since the seat was reserved
			return schema.CloseKicked
		}
	}
	hello, err := c.Hello()
	if err != nil {
		return 0
	}
	ctx, cancel := context.WithTimeout(n.cut, claimTimeout)
	defer cancel()
	h := n.lookup(roomID)
	if h != nil {
		c.Pulsed(h.pulse)
	}
	switch {
	case cred.secret != "" && h == nil:
		return schema.CloseResumeRefused
	case cred.secret != "":
		err = h.room.Resume(ctx, room.Resume{Secret: cred.secret, Hello: hello, Conn: c})
		if errors.Is(err, room.ErrEnded) {
			err = room.ErrResumeRefused
		}
	case h == nil || h.owner.Epoch < seat.EpochFloor:
		return schema.CloseRoomGone
	case seat.Seat == sim.NoSeat:
		err = h.room.Watch(ctx, room.Watch{
			Nonce: seat.Nonce, PlayerID: seat.Player, Expires: seat.Expires, Until: seat.Until, Hello: hello, Conn: c,
		})
	default:
		err = h.room.Claim(ctx, room.Claim{Seat: seat.Seat, Nonce: seat.Nonce, Hello: hello, Conn: c})
	}
	switch {
	case err == nil:
		return 0
	case n.cut.Err() != nil:
		return schema.CloseRestart
	case ctx.Err() != nil:
		return schema.CloseBusy
	}
	return room.CloseCodeOf(err)
}
