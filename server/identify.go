package server

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
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
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now := time.Now()
		id, p := n.identityOf(r, now)
		if p == nil && id != nil && !n.account.allow(id.Player, now) {
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
