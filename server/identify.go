package server

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/roomtick/roomtick/server/identity"
)

// caller is who sends a request.
type caller struct {
	addr netip.Addr
	id   *identity.Identity // nil: nobody in particular
}

type callerKey struct{}

// callerOf returns who sends a request that identify has let through.
func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// identify checks the identity of who sends a request, and how often they do. Without
// -jwt-key everybody is nobody in particular, and what they send as their token is not
// looked at.
func (n *node) identify(next http.Handler) http.Handler {
	accounts := newLimiter[string](accountRate, accountBurst)
	if n.cfg.joinRate == 0 {
		accounts = newLimiter[string](0, 0)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now := time.Now()
		id, p := n.identityOf(r, now)
		if p == nil && id != nil && !accounts.allow(id.Player, now) {
			p = tooManyOfAccount()
		}
		if p != nil {
			if p.Status == http.StatusUnauthorized {
				w.Header().Set("WWW-Authenticate", "Bearer")
			}
			p.write(w)
			return
		}
		c := caller{addr: addressOf(r.RemoteAddr), id: id}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, c)))
	})
}

func (n *node) identityOf(r *http.Request, now time.Time) (*identity.Identity, *Problem) {
	if n.who == nil {
		return nil, nil
	}
	header := r.Header.Get("Authorization")
	if header == "" && n.cfg.anonymous {
		return nil, nil
	}
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return nil, needsIdentity()
	}
	id, err := n.who.Verify(strings.TrimSpace(token), now)
	switch {
	case errors.Is(err, identity.ErrExpired):
		return nil, expiredIdentity()
	case err != nil:
		return nil, badIdentity(strings.TrimPrefix(err.Error(), identity.ErrInvalid.Error()+": "))
	}
	if left := n.bans.left(id.Player, now); left > 0 {
		return nil, banned(left)
	}
	return &id, nil
}

// joinerOf is who a request's sender is in a room.
func joinerOf(c caller, name string) joiner {
	p := newJoiner(name)
	if c.id == nil {
		return p
	}
	p.id, p.until = c.id.Player, c.id.Expires
	if c.id.Name != "" {
		p.name = cleanName(c.id.Name)
	}
	return p
}

// maxBans bounds how many players may be banned at once; beyond that those whose ban ends
// first are forgiven.
const maxBans = 10_000

// bans are players who may not come in for a while. They end with the process: a lasting
// one is the login's to give.
type bans struct {
	mu    sync.Mutex // guards the following
	until map[string]time.Time
}

func (b *bans) add(player string, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.until == nil {
		b.until = make(map[string]time.Time)
	}
	b.until[player] = until
	if len(b.until) <= maxBans {
		return
	}
	first := player
	for p, t := range b.until {
		if t.Before(b.until[first]) {
			first = p
		}
	}
	delete(b.until, first)
}

// left is how long a player's ban lasts, 0 if there is none.
func (b *bans) left(player string, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	left := b.until[player].Sub(now)
	if left <= 0 {
		delete(b.until, player)
	}
	return max(0, left)
}
