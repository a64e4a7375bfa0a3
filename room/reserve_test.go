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
	"github.com/roomtick/roomtick/sim"
)

// hold reserves a seat for a player for half a minute.
func hold(r *Room, player string) (sim.Seat, error) {
	return r.Reserve(context.Background(), Reservation{Nonce: player + "-nonce", PlayerID: player, Name: player, Expires: time.Now().Add(30 * time.Second)})
}

func TestOfAThousandReservationsSixteenGetASeatOfTheirOwn(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		var mu sync.Mutex
		seats := make(map[sim.Seat]int)
		var full atomic.Int32
		var wg sync.WaitGroup
		for n := range 1000 {
			wg.Go(func() {
				seat, err := hold(r, fmt.Sprint(n))
				switch {
				case errors.Is(err, ErrFull):
					full.Add(1)
				case err != nil:
					t.Error(err)
				default:
					mu.Lock()
					seats[seat]++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(seats) != 16 || full.Load() != 984 {
			t.Errorf("%d seats given out, %d refused", len(seats), full.Load())
		}
		for seat, n := range seats {
			if n != 1 {
				t.Errorf("seat %d was given to %d players", seat, n)
			}
		}
	})
}

func TestAPartyIsSeatedTogetherOrNotAtAll(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		party := func(n int) (all []Reservation) {
			for i := range n {
				all = append(all, Reservation{Nonce: fmt.Sprint(n, i), PlayerID: fmt.Sprint(n, i), Expires: time.Now().Add(time.Minute)})
			}
			return all
		}
		seats, err := r.ReserveAll(context.Background(), party(10), nil)
		if err != nil || len(seats) != 10 {
			t.Fatalf("ten of sixteen: %v, %v", seats, err)
		}
		if seats, err := r.ReserveAll(context.Background(), party(7), nil); !errors.Is(err, ErrFull) || seats != nil {
			t.Errorf("seven for six seats: %v, %v", seats, err)
		}
		if got := r.Info().Reserved; got != 10 {
			t.Errorf("%d are held", got)
		}
		if _, err := r.ReserveAll(context.Background(), party(6), nil); err != nil {
			t.Errorf("six for six seats: %v", err)
		}
	})
}

func TestASecondReservationOfAPlayerTakesThePlaceOfTheFirst(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		first, _ := hold(r, "ada")
		second, err := r.Reserve(context.Background(), Reservation{Nonce: "again", PlayerID: "ada", Expires: time.Now().Add(time.Minute)})
		if err != nil || first != second || r.Info().Reserved != 1 {
			t.Errorf("seats %d and %d, %d held, %v", first, second, r.Info().Reserved, err)
		}
		if err := r.Claim(context.Background(), Claim{Seat: first, Nonce: "ada-nonce", Conn: &fakeConn{}}); !errors.Is(err, ErrTokenExpired) {
			t.Errorf("the first token: %v", err)
		}
		if err := r.Claim(context.Background(), Claim{Seat: first, Nonce: "again", Conn: &fakeConn{}}); err != nil {
			t.Errorf("the second token: %v", err)
		}
	})
}

func TestKeptSeatsWaitForTheirPlayersUntilTheirTime(t *testing.T) {
	inBubble(t, Config{Bots: 10, Kept: []string{"ada", "bob"}, KeptUntil: time.Now().AddDate(100, 0, 0)}, func(r *Room) {
		if i := r.Info(); i.Reserved != 2 {
			t.Errorf("%d reserved at the beginning", i.Reserved)
		}
		for n := range 4 {
			if _, err := hold(r, fmt.Sprint(n)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := hold(r, "eve"); !errors.Is(err, ErrFull) {
			t.Errorf("a stranger got a kept seat: %v", err)
		}
		if _, err := hold(r, "ada"); err != nil {
			t.Errorf("ada: %v", err)
		}
		if got := r.Info().Reserved; got != 6 {
			t.Errorf("%d reserved", got)
		}
		inside(t, r, func() { r.cfg.KeptUntil = time.Now() })
		ticks(r, 1)
		if _, err := hold(r, "eve"); err != nil {
			t.Errorf("a stranger, when the time is over: %v", err)
		}
	})
}

func TestAPlayerComesBackByIdentityAlone(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		b := newTab(t, r, "Ada")
		ticks(r, 3)
		b.read()
		old, secret := b.conn, b.welcome.Secret
		b.say(1, 3)
		ticks(r, 2)
		again := newTab(t, r, "Ada") // another device: nothing but the name
		ticks(r, 2)
		again.read()
		if again.seat != b.seat || again.welcome.Resumed || r.Info().Players != 1 || old.closed() != schema.CloseReplaced {
			t.Errorf("seat %d of %d, resumed %v, %d players, old conn %d", again.seat, b.seat, again.welcome.Resumed, r.Info().Players, old.closed())
		}
		if err := b.resume(secret); !errors.Is(err, ErrResumeRefused) {
			t.Errorf("the old secret: %v", err)
		}
		again.say(1, 2)
		ticks(r, 2)
		if again.conn.closed() != 0 {
			t.Errorf("its events count from one again, and it was closed with %v", again.conn.closed())
		}
		if err := r.Claim(context.Background(), Claim{Seat: b.seat, Nonce: "Ada-nonce", Conn: &fakeConn{}}); !errors.Is(err, ErrTokenUsed) {
			t.Errorf("its token once more: %v", err)
		}
	})
}

func TestAConnEndsWithTheIdentityOfItsPlayer(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		res := Reservation{Nonce: "n", PlayerID: "ada", Expires: time.Now().Add(30 * time.Second), Until: time.Now().Add(10 * time.Second)}
		seat, err := r.Reserve(context.Background(), res)
		if err != nil {
			t.Fatal(err)
		}
		b := &tab{t: t, room: r, conn: &fakeConn{}, seat: seat, builder: schema.NewBuilder(64)}
		if err := r.Claim(context.Background(), Claim{Seat: seat, Nonce: "n", Conn: b.conn}); err != nil {
			t.Fatal(err)
		}
		for range 99 {
			time.Sleep(100 * time.Millisecond)
			b.send(schema.ClientFrame{HasState: true}) // it is there
		}
		if code := b.conn.closed(); code != 0 {
			t.Fatalf("closed early with %v", code)
		}
		time.Sleep(200 * time.Millisecond)
		if code := b.conn.closed(); code != schema.CloseSessionExpired {
			t.Errorf("closed with %v", code)
		}
		secret := ""
		inside(t, r, func() { secret = r.seats[seat].secret() })
		if err := b.resume(secret); !errors.Is(err, ErrSessionExpired) {
			t.Errorf("resumed without an identity: %v", err)
		}
		res.Nonce, res.Until = "m", time.Now().Add(time.Hour)
		if _, err := r.Reserve(context.Background(), res); err != nil {
			t.Fatal(err)
		}
		if err := r.Claim(context.Background(), Claim{Seat: seat, Nonce: "m", Conn: &fakeConn{}}); err != nil || r.Info().Players != 1 {
			t.Errorf("with a fresh identity: %v, %d players", err, r.Info().Players)
		}
	})
}

func TestLockedRoomsTakeNobodyInAndKeepTheirPlayers(t *testing.T) {
	var told []bool
	inBubble(t, Config{Door: func(d Door) { told = append(told, d.Joinable) }}, func(r *Room) {
		b := newTab(t, r, "Ada")
		ticks(r, 2)
		b.read()
		if err := r.Lock(context.Background(), true); err != nil {
			t.Fatal(err)
		}
		if _, err := hold(r, "Bob"); !errors.Is(err, ErrShut) || r.Info().Joinable {
			t.Errorf("reserve: %v, joinable %v", err, r.Info().Joinable)
		}
		b.conn.cut(io.EOF)
		ticks(r, 1)
		if err := b.resume(b.welcome.Secret); err != nil {
			t.Errorf("its player's resume: %v", err)
		}
		if err := r.Lock(context.Background(), false); err != nil {
			t.Fatal(err)
		}
		if _, err := hold(r, "Bob"); err != nil {
			t.Errorf("opened again: %v", err)
		}
	})
	if fmt.Sprint(told) != "[false true]" {
		t.Errorf("matchmaking was told %v", told)
	}
}

func TestAGamesDoorReachesMatchmakingWithinATick(t *testing.T) {
	inBubble(t, Config{NoLateJoin: true, Properties: []sim.Property{{Name: "map", Value: sim.Text("dust")}}}, func(r *Room) {
		if d := r.Info().Door; !d.Joinable || d.Started || len(d.Properties) != 1 {
			t.Errorf("at the beginning %+v", d)
		}
		inside(t, r, func() {
			_ = r.sim.World().SetProperty("map", sim.Text("ice"))
			r.sim.World().SetStarted()
		})
		ticks(r, 1)
		if d := r.Info().Door; d.Joinable || !d.Started || d.Properties[0].Value != sim.Text("ice") {
			t.Errorf("then %+v", d)
		}
	})
}

func TestWithoutLateJoinARoomThatWasFullStaysShut(t *testing.T) {
	inBubble(t, Config{Bots: 14, NoLateJoin: true}, func(r *Room) {
		_, _ = hold(r, "ada")
		if !r.Info().Joinable {
			t.Error("shut with a seat free")
		}
		_, _ = hold(r, "bob")
		time.Sleep(31 * time.Second)
		if _, err := hold(r, "eve"); !errors.Is(err, ErrShut) || r.Info().Reserved != 0 {
			t.Errorf("after the seats were given up: %v, %d held", err, r.Info().Reserved)
		}
	})
}

func TestKickedPlayersAndReservationsAreGone(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		b := newTab(t, r, "Ada")
		_, _ = hold(r, "Bob")
		for _, who := range []string{"Ada", "Bob"} {
			if err := r.Kick(context.Background(), who, "be kind"); err != nil {
				t.Errorf("%s: %v", who, err)
			}
		}
		if i := r.Info(); i.Players != 0 || i.Reserved != 0 {
			t.Errorf("%d players, %d held", i.Players, i.Reserved)
		}
		if bye := b.conn.bye(t); bye.Code != schema.CloseKicked || bye.Reason != "be kind" {
			t.Errorf("goodbye %+v", bye)
		}
		if err := r.Kick(context.Background(), "Eve", ""); !errors.Is(err, ErrNoPlayer) {
			t.Errorf("nobody: %v", err)
		}
	})
}
