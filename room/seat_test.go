package room

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roomtick/roomtick/schema"
)

var errCut = errors.New("cut")

type part = schema.Part

func TestOfAHundredClaimsOfOneTokenExactlyOneWins(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		seat, err := r.Reserve(context.Background(), Reservation{Nonce: "n", Name: "Ada", Expires: time.Now().Add(time.Minute)})
		if err != nil {
			t.Fatal(err)
		}
		var won, used atomic.Int32
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				switch err := r.Claim(context.Background(), Claim{Seat: seat, Nonce: "n", Conn: &fakeConn{}}); {
				case err == nil:
					won.Add(1)
				case errors.Is(err, ErrTokenUsed):
					used.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || used.Load() != 99 {
			t.Errorf("%d claims won, %d were refused as used", won.Load(), used.Load())
		}
	})
}

func TestReservationsEndAndFullRoomsSaySo(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		reserve := func(n int) error {
			_, err := r.Reserve(context.Background(), Reservation{Nonce: fmt.Sprint(n), Expires: time.Now().Add(30 * time.Second)})
			return err
		}
		for n := range 16 {
			if err := reserve(n); err != nil {
				t.Fatal(err)
			}
		}
		if err := reserve(16); !errors.Is(err, ErrFull) {
			t.Errorf("17th reservation of 16 seats: %v, want ErrFull", err)
		}
		if got := r.Info().Reserved; got != 16 {
			t.Errorf("%d reserved, want 16", got)
		}
		time.Sleep(31 * time.Second)
		if err := r.Claim(context.Background(), Claim{Seat: 3, Nonce: "3", Conn: &fakeConn{}}); !errors.Is(err, ErrTokenExpired) {
			t.Errorf("claim of an expired reservation: %v", err)
		}
		if err := reserve(17); err != nil || r.Info().Reserved != 1 {
			t.Errorf("after expiry: %v, %d reserved", err, r.Info().Reserved)
		}
	})
}

func TestSeatOutlivesItsConnForItsTimeAndNotLonger(t *testing.T) {
	for _, away := range []time.Duration{0, 59 * time.Second, 61 * time.Second} {
		inBubble(t, Config{SeatTimeout: time.Minute}, func(r *Room) {
			b := newTab(t, r, "Ada")
			ticks(r, 3)
			b.read()
			seat := b.welcome.Seat
			b.conn.cut(io.EOF)
			ticks(r, 1)
			time.Sleep(away)
			err := b.resume(b.welcome.Secret)
			if away > time.Minute {
				if !errors.Is(err, ErrResumeRefused) || r.Info().Players != 0 {
					t.Errorf("after %v: %v, %d players", away, err, r.Info().Players)
				}
				return
			}
			ticks(r, 2)
			b.read()
			if err != nil || b.welcome.Seat != seat || !b.welcome.Resumed || r.Info().Players != 1 {
				t.Errorf("after %v: %v, seat %d, resumed %v, %d players", away, err, b.welcome.Seat, b.welcome.Resumed, r.Info().Players)
			}
		})
	}
}

func TestResumeSecretsRotateAndALostRotationLocksNobodyOut(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		b := newTab(t, r, "Ada")
		ticks(r, 2)
		b.read()
		first := b.welcome.Secret
		if err := b.resume(first); err != nil { // its welcome is lost: never read
			t.Fatal(err)
		}
		if err := b.resume(first); err != nil {
			t.Fatalf("secret refused although its successor was never used: %v", err)
		}
		ticks(r, 2)
		b.read()
		second := b.welcome.Secret
		if err := b.resume(second); err != nil || second == first {
			t.Fatal(err, second == first)
		}
		for _, old := range []string{first, "", "0-", "0-AAAAAAAAAAAAAAAAAAAAAAAAAA", "99-x", "x", "-1-x", "0"} {
			if err := b.resume(old); !errors.Is(err, ErrResumeRefused) {
				t.Errorf("secret %q: %v", old, err)
			}
		}
	})
}

func TestNewConnClosesTheOldOneFirst(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		b := newTab(t, r, "Ada")
		ticks(r, 2)
		b.read()
		old := b.conn
		if err := b.resume(b.welcome.Secret); err != nil {
			t.Fatal(err)
		}
		if old.closed() != schema.CloseReplaced {
			t.Errorf("old conn closed with %d", old.closed())
		}
		ticks(r, 2)
		b.read()
		if !compare(t, r, b) {
			t.Error("the reader is behind")
		}
		if r.Info().Players != 1 {
			t.Errorf("%d players after a resume", r.Info().Players)
		}
	})
}

func TestLeavingGivesUpTheSeatAtOnce(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		b := newTab(t, r, "Ada")
		ticks(r, 2)
		b.read()
		b.send(schema.ClientFrame{Leave: true})
		ticks(r, 1)
		if b.conn.closed() != schema.CloseLeft || r.Info().Players != 0 {
			t.Errorf("closed with %d, %d players", b.conn.closed(), r.Info().Players)
		}
		if err := b.resume(b.welcome.Secret); !errors.Is(err, ErrResumeRefused) {
			t.Errorf("resume after leaving: %v", err)
		}
	})
}

func TestRestartTellsEveryoneWhenToComeBack(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		a, b := newTab(t, r, "Ada"), newTab(t, r, "Bob")
		ticks(r, 2)
		r.Restart(1500 * time.Millisecond)
		<-r.Done()
		for _, c := range []*fakeConn{a.conn, b.conn} {
			bye := c.bye(t)
			if c.closed() != schema.CloseRestart || bye.RetryMS != 1500 || !bye.Reconnect {
				t.Errorf("closed with %d, goodbye %+v", c.closed(), bye)
			}
		}
		if err := r.Claim(context.Background(), Claim{}); !errors.Is(err, ErrEnded) {
			t.Errorf("claim in a room that ended: %v", err)
		}
	})
}

// reload is a page that was loaded again: it has the secret and nothing else.
func (b *tab) reload() {
	b.t.Helper()
	conn := &fakeConn{}
	if err := b.room.Resume(context.Background(), Resume{Secret: b.welcome.Secret, Conn: conn}); err != nil {
		b.t.Fatal(err)
	}
	b.conn, b.frames = conn, 0
	b.dec.Reset()
}

func TestReloadedPageStartsFromNothingWhateverItsOldConnLeftUnacknowledged(t *testing.T) {
	for _, unread := range []int{0, 1, 5, 12} {
		for _, away := range []time.Duration{0, 11 * time.Second} {
			inBubble(t, Config{}, func(r *Room) {
				b := newTab(t, r, "Ada")
				for range 40 {
					ticks(r, 1)
					b.read()
					b.ack()
				}
				ticks(r, unread)
				b.conn.cut(io.EOF)
				ticks(r, 1)
				time.Sleep(away)
				b.reload()
				for range 30 {
					ticks(r, 1)
					b.read()
					b.ack()
				}
				if b.conn.closed() != 0 || b.frames < 28 {
					t.Errorf("%d unread, %v away: closed with %d after %d frames", unread, away, b.conn.closed(), b.frames)
				}
				if !compare(t, r, b) {
					t.Error("the reader is behind")
				}
			})
		}
	}
}

func TestReaderWhoAcknowledgesNothingIsClosedAfterTenSecondsAndMayResume(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		b := newTab(t, r, "Ada")
		ticks(r, 3)
		b.read()
		b.ack()
		time.Sleep(9900 * time.Millisecond)
		ticks(r, 1)
		if c := b.conn.closed(); c != 0 {
			t.Errorf("closed with %d before 10 s", c)
		}
		time.Sleep(500 * time.Millisecond)
		ticks(r, 1)
		if c := b.conn.closed(); c != schema.CloseLagging {
			t.Errorf("closed with %d after 10 s", c)
		}
		b.read()
		if err := b.resume(b.welcome.Secret); err != nil {
			t.Fatal(err)
		}
		ticks(r, 2)
		b.read()
		if !compare(t, r, b) {
			t.Error("the reader is behind")
		}
	})
}

func TestRequestsGiveUpWhenTheirContextEndsAndThenNeverRun(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		begun, busy := make(chan struct{}), make(chan struct{})
		go func() {
			_ = r.between(context.Background(), func(time.Time) error { close(begun); <-busy; return nil })
		}()
		<-begun
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := r.Reserve(ctx, Reservation{Nonce: "n", Expires: time.Now().Add(time.Minute)}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Reserve in a stuck room: %v", err)
		}
		close(busy)
		ticks(r, 2)
		if n := r.Info().Reserved; n != 0 {
			t.Errorf("%d seats reserved for a caller that had given up", n)
		}
	})
}

func TestPendingResetSurvivesAResume(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		b := newTab(t, r, "Ada")
		ticks(r, 3)
		b.read()
		b.ack()
		inside(t, r, func() { r.seats[b.seat].reset = true })
		b.conn.cut(errCut)
		inside(t, r, func() {})
		before := b.resets
		if err := b.resume(b.welcome.Secret); err != nil {
			t.Fatal(err)
		}
		ticks(r, 2)
		b.read()
		if b.resets != before+1 {
			t.Error("the mismatch was forgotten with the conn")
		}
	})
}

func TestConnsThatResumeAtOnceLockNobodyOut(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		b := newTab(t, r, "Ada")
		ticks(r, 2)
		b.read()
		first := b.welcome.Secret
		var welcomes []string
		for range 9 { // each wins for a moment, and its welcome may be the one that arrives
			if err := b.resume(first); err != nil {
				t.Fatal(err)
			}
			ticks(r, 2)
			b.read()
			welcomes = append(welcomes, b.welcome.Secret)
		}
		for _, secret := range welcomes[len(welcomes)-2:] {
			if err := b.resume(secret); err != nil {
				t.Errorf("a secret of the last welcomes is refused: %v", err)
			}
		}
		if err := b.resume(first); !errors.Is(err, ErrResumeRefused) {
			t.Errorf("the first secret after a newer one was used: %v", err)
		}
	})
}
