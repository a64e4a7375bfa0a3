package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"strings"
	"time"

	"github.com/roomtick/roomtick/room"
	"github.com/roomtick/roomtick/server/directory"
)

// Codes of private rooms are for people to read to each other: Crockford's base32, which
// has no letters that look like others.
const (
	codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLength  = 6 // 30 bits: see guessRate
	codeTries   = 8 // a room of ten thousand meets one that is taken once in 100,000 rooms
)

// Who guesses codes or passwords is slow. A burst is a class that enters by one code
// behind one address; at the rate one address finds one of a thousand rooms in 24 days.
const (
	guessRate  = 0.5 // a second, from one address
	guessBurst = 40
)

// codeAnswer is when a code that opens nothing is answered, whatever the reason: longer
// than a room is asked for a seat, so that nobody learns from the time which codes exist.
const codeAnswer = reserveTimeout + 100*time.Millisecond

func newCode() string {
	var b [codeLength]byte
	_, _ = rand.Read(b[:]) // never fails
	for i := range b {
		b[i] = codeLetters[b[i]%32]
	}
	return string(b[:])
}

// cleanCode reads a code as people write it: in any case, in groups, with letters for the
// digits that look like them. Empty if it is none.
func cleanCode(text string) string {
	if len(text) > 4*codeLength {
		return ""
	}
	var b strings.Builder
	for _, r := range strings.ToUpper(text) {
		switch r {
		case ' ', '-':
			continue
		case 'O':
			r = '0'
		case 'I', 'L':
			r = '1'
		}
		if !strings.ContainsRune(codeLetters, r) {
			return ""
		}
		b.WriteRune(r)
	}
	if b.Len() != codeLength {
		return ""
	}
	return b.String()
}

// errNoEntry is every reason for which a code opens nothing.
var errNoEntry = errors.New("server: the code opens no room")

// enterByCode is match for a private room. Whether there is no such code, the password is
// another, or the room has no seat for this player, the answer is the same and takes the
// same time.
func (n *node) enterByCode(ctx context.Context, w wish) (grant, error) {
	start := time.Now()
	g, err := n.tryCode(ctx, w)
	switch {
	case err == nil:
		return g, nil
	case errors.Is(err, errDraining), errors.Is(err, directory.ErrUnavailable):
		return grant{}, err
	case w.relayed: // the node that the client asked sees to the time
		return grant{}, errNoEntry
	}
	late := time.NewTimer(codeAnswer - time.Since(start))
	defer late.Stop()
	select {
	case <-late.C:
		return grant{}, errNoEntry
	case <-ctx.Done():
		return grant{}, ctx.Err()
	}
}

func (n *node) tryCode(ctx context.Context, w wish) (grant, error) {
	code := cleanCode(w.code)
	h := n.holdCode(code)
	switch {
	case h == nil && code != "" && n.roams(&w):
		l, err := n.dir.ByCode(ctx, code)
		if errors.Is(err, directory.ErrUnknownRoom) {
			return grant{}, errNoEntry
		}
		return n.elsewhere(ctx, &w, l, err)
	case h == nil:
		return grant{}, errNoEntry
	}
	if h.game != w.game || !h.opens(w.password) {
		n.release(h)
		return grant{}, errNoEntry
	}
	if w.spectate {
		defer n.release(h)
		if h.room.WatchableIn() > 0 || h.room.Info().Spectators >= w.game.Config().MaxSpectators {
			return grant{}, room.ErrFull
		}
		return n.tokenToWatch(h, w.who), nil
	}
	return n.reserve(ctx, h, w.who, reserveTimeout)
}

// holdCode is hold by a private room's code.
func (n *node) holdCode(code string) *host {
	n.mu.Lock()
	defer n.mu.Unlock()
	h := n.codes[code]
	if h != nil {
		h.joining++
	}
	return h
}

// opens tells whether a room's password is the one given.
func (h *host) opens(password string) bool {
	sum := sha256.Sum256([]byte(password))
	return h.password == nil || subtle.ConstantTimeCompare(sum[:], h.password[:]) == 1
}
