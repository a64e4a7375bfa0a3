package server

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

// States of a ticket, as clients see them.
const (
	ticketWaiting   = "waiting"
	ticketFound     = "found" // a match, that everybody has to accept
	ticketMatched   = "matched"
	ticketCancelled = "cancelled"
	ticketExpired   = "expired"
)

const (
	// ticketLinger is how long a ticket that waits no more can be asked about.
	ticketLinger = time.Minute

	// writeTries bounds how often a change of a ticket is made anew because another was
	// faster: its members and the matcher are few.
	writeTries = 8
)

// ticketRecord is a ticket as the directory keeps it.
type ticketRecord struct {
	Game    string       `json:"game"`
	Queue   string       `json:"queue"`
	State   string       `json:"state"`
	Why     string       `json:"why,omitempty"` // it is cancelled, for people
	Ticket  sim.Ticket   `json:"ticket"`        // Since is in seconds of Unix time
	Seats   []seatRecord `json:"seats"`         // of the members
	Match   *matchRecord `json:"match,omitempty"`
	Expires unixMillis   `json:"expires"` // while it waits
	Seen    unixMillis   `json:"seen"`    // when a member has looked at it, about
	Party   string       `json:"party,omitempty"`
}

// seatRecord is what a member has beside what the matcher needs.
type seatRecord struct {
	Name     string     `json:"name"`
	Secret   string     `json:"secret,omitempty"` // its hash, of who has no identity
	Until    unixMillis `json:"until,omitempty"`  // of the identity; 0 is no end
	Accepted bool       `json:"accepted,omitempty"`
	Role     string     `json:"role,omitempty"`
	Token    string     `json:"token,omitempty"`
	TokenEnd unixMillis `json:"tokenEnd,omitempty"`
}

// matchRecord is the match that a ticket is part of.
type matchRecord struct {
	ID       string     `json:"id"`
	Tickets  []string   `json:"tickets"` // all of them
	Team     int        `json:"team"`    // 1 is the first
	Region   string     `json:"region,omitempty"`
	Deadline unixMillis `json:"deadline,omitempty"` // to accept
	Fairness float64    `json:"fairness,omitempty"` // 0 of who was given to a running room: unknown
	Node     string     `json:"node,omitempty"`     // that runs the room
	Room     string     `json:"room,omitempty"`
}

// unixMillis is a time in milliseconds of Unix time; 0 is none.
type unixMillis int64

func millis(t time.Time) unixMillis {
	if t.IsZero() {
		return 0
	}
	return unixMillis(t.UnixMilli())
}

func (m unixMillis) time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(m))
}

// seconds is a time on the matcher's clock.
func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

// hashSecret is what is kept of a secret.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// member is the place of who asks in a ticket, by their identity or their secret; -1 if
// they are no member.
func (r *ticketRecord) member(who caller, secret string) int {
	hash := []byte(hashSecret(secret))
	for i := range r.Seats {
		s := &r.Seats[i]
		switch {
		case s.Secret != "":
			if subtle.ConstantTimeCompare([]byte(s.Secret), hash) == 1 {
				return i
			}
		case who.id != nil && r.Ticket.Members[i].Player == who.id.Player:
			return i
		}
	}
	return -1
}

// accepted reports whether every member has accepted.
func (r *ticketRecord) accepted() bool {
	for i := range r.Seats {
		if !r.Seats[i].Accepted {
			return false
		}
	}
	return true
}

// sameButSeen reports whether a ticket is as it was in old, but for who has looked at it.
func (r *ticketRecord) sameButSeen(old *ticketRecord) bool {
	a, b := *r, *old
	a.Seen, b.Seen = 0, 0
	return reflect.DeepEqual(&a, &b)
}

// again puts a ticket back into its queue, where it was before.
func (r *ticketRecord) again() {
	r.State, r.Match = ticketWaiting, nil
	for i := range r.Seats {
		s := &r.Seats[i]
		s.Accepted, s.Role, s.Token, s.TokenEnd = false, "", "", 0
	}
}

// end cancels a ticket.
func (r *ticketRecord) end(state, why string) {
	r.again()
	r.State, r.Why = state, why
}

// life is how long the directory keeps a ticket as it is now.
func (r *ticketRecord) life(now time.Time) time.Duration {
	until := now
	switch r.State {
	case ticketWaiting:
		until = r.Expires.time() // whoever matches says that it expired
	case ticketFound:
		until = time.UnixMilli(int64(max(r.Expires, r.Match.Deadline)))
	}
	return max(0, until.Sub(now)) + ticketLinger
}

const (
	// seenEvery is how often it is noted that a member looks at a ticket.
	seenEvery = 15 * time.Second

	// unseenLife is after which time without a look a ticket is of nobody any more: the
	// page was closed, and others would be matched with an empty seat. A long poll lasts
	// 25 s.
	unseenLife = 60 * time.Second

	// goneLife is the same after a member's stream has ended: time to reload a page, or to
	// find another network.
	goneLife = 15 * time.Second
)

// noteSeen notes that somebody looks at a ticket that waits, if that is a member.
func (n *node) noteSeen(ctx context.Context, id string, who caller, secret string, r *ticketRecord) {
	if r.State != ticketWaiting || time.Since(r.Seen.time()) < seenEvery || r.member(who, secret) < 0 {
		return
	}
	_, _ = n.changeTicket(ctx, id, func(r *ticketRecord) error { // else at the next look
		r.Seen = millis(time.Now())
		return nil
	})
}

var errSeen = errors.New("server: nothing to note")

// noteGone notes that who watched a ticket that waits has gone, if that was a member. Others
// who are still there are told of the change, look again, and are seen.
func (n *node) noteGone(ctx context.Context, id, secret string) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	seen := millis(time.Now().Add(goneLife - unseenLife))
	_, _ = n.changeTicket(ctx, id, func(r *ticketRecord) error { // else it waits for longer
		if r.State != ticketWaiting || r.Seen <= seen || r.member(callerOf(ctx), secret) < 0 {
			return errSeen
		}
		r.Seen = seen
		return nil
	})
}

// over reports whether a ticket that waits has waited long enough, and why. Before back,
// nobody could say that they look at it.
func (r *ticketRecord) over(now, back time.Time) (why string, over bool) {
	switch {
	case !now.Before(r.Expires.time()):
		return "nobody was found in time", true
	case now.Sub(r.Seen.time()) >= unseenLife && now.Sub(back) >= unseenLife:
		return "nobody has looked at it", true
	}
	return "", false
}

var (
	errNotMember = errors.New("server: not a member of the ticket")
	errNoMatch   = errors.New("server: the ticket has no match to accept")
)

// readTicket returns a ticket of the directory. Parties and the control of queues, which are
// kept there, too, have a slash in their ids: who asks for one is told that there is none,
// whether it exists or not.
func (n *node) readTicket(ctx context.Context, id string) (directory.Ticket, *ticketRecord, error) {
	if strings.Contains(id, "/") {
		return directory.Ticket{}, nil, directory.ErrUnknownTicket
	}
	t, err := n.dir.Ticket(ctx, id)
	if errors.Is(err, directory.ErrUnknownTicket) {
		if lost, known := n.queues.remembered(id, time.Now()); known {
			t, err = lost, nil
		}
	}
	if err != nil {
		return t, nil, err
	}
	r, err := parseTicket(&t)
	return t, r, err
}

func parseTicket(t *directory.Ticket) (*ticketRecord, error) {
	r := new(ticketRecord)
	if err := json.Unmarshal(t.Body, r); err != nil {
		return nil, fmt.Errorf("ticket %s: %w", t.ID, err)
	}
	if len(r.Seats) != len(r.Ticket.Members) || r.Game == "" {
		return nil, directory.ErrUnknownTicket // a party, or control of a queue
	}
	return r, nil
}

// store makes the directory's ticket of a record.
func (r *ticketRecord) store(t *directory.Ticket, now time.Time) error {
	body, err := json.Marshal(r)
	t.Body, t.For = body, r.life(now)
	return err
}

// changeTicket changes a ticket for as long as others are faster. An error of change ends
// it and is returned.
func (n *node) changeTicket(ctx context.Context, id string, change func(*ticketRecord) error) (*ticketRecord, error) {
	for range writeTries {
		t, r, err := n.readTicket(ctx, id)
		if err != nil {
			return nil, err
		}
		if err := change(r); err != nil {
			return r, err
		}
		if err := r.store(&t, time.Now()); err != nil {
			return nil, err
		}
		_, err = n.dir.Put(ctx, t)
		if !errors.Is(err, directory.ErrConflict) {
			n.queues.poke()
			return r, err
		}
	}
	return nil, errBusy
}

// cancelTicket takes a ticket out of its queue, whoever of its members wants that.
func (n *node) cancelTicket(ctx context.Context, id, why string, by func(*ticketRecord) bool) (*ticketRecord, error) {
	return n.changeTicket(ctx, id, func(r *ticketRecord) error {
		switch {
		case !by(r):
			return errNotMember
		case r.State != ticketWaiting && r.State != ticketFound:
			return nil // over already
		}
		r.end(ticketCancelled, why)
		return nil
	})
}

// answerMatch is a member's yes or no to the match that was found.
func (n *node) answerMatch(ctx context.Context, id string, who caller, secret string, yes bool) (*ticketRecord, error) {
	return n.changeTicket(ctx, id, func(r *ticketRecord) error {
		i := r.member(who, secret)
		switch {
		case i < 0:
			return errNotMember
		case r.State == ticketMatched && yes:
			return nil // said again
		case r.State != ticketFound:
			return errNoMatch
		case !yes:
			r.end(ticketCancelled, "declined by "+r.Seats[i].Name)
			return nil
		}
		r.Seats[i].Accepted = true
		return nil
	})
}
