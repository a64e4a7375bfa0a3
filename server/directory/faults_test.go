package directory

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// openAsIs connects to p exactly as a server does.
func (p *process) openAsIs(t *testing.T) *Redis {
	t.Helper()
	d, err := OpenRedis(t.Context(), p.url(), testLease)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// eventually calls try until it returns no error. Nothing is asserted of how long that
// takes, but that it happens at all.
func eventually(t *testing.T, what string, try func() error) time.Duration {
	t.Helper()
	begin := time.Now()
	for {
		err := try()
		if err == nil {
			return time.Since(begin)
		}
		if time.Since(begin) > 30*time.Second {
			t.Fatalf("%s: %v", what, err)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// heartbeat is what a node does each second: it renews its rooms.
func heartbeat(ctx context.Context, d Directory, rooms []Listing) error {
	if err := d.Announce(ctx, Node{ID: rooms[0].Node}); err != nil {
		return err
	}
	return d.Renew(ctx, rooms...)
}

func TestEverythingComesBackWithAnEmptyRedis(t *testing.T) {
	p := startRedis(t)
	nodes := []*Redis{p.openAsIs(t), p.openAsIs(t)}
	rooms := make([][]Listing, len(nodes))
	for i, d := range nodes {
		for j := range 300 {
			var o Owner
			eventually(t, "acquire", func() (err error) {
				o, err = d.Acquire(t.Context(), fmt.Sprintf("room-%d-%d", i, j), fmt.Sprint("n", i), 0)
				return err
			})
			rooms[i] = append(rooms[i], Listing{Owner: o, Game: "g", MaxPlayers: 4, Code: fmt.Sprint(i, "-", j)})
		}
		eventually(t, "renew", func() error { return heartbeat(t.Context(), d, rooms[i]) })
	}
	all := func() error {
		found, err := nodes[0].Find(t.Context(), Query{})
		if err == nil && len(found) != 600 {
			err = fmt.Errorf("%d rooms", len(found))
		}
		return err
	}
	eventually(t, "find", all)

	p.kill(t)
	var slowest time.Duration
	for i := range 200 {
		begin := time.Now()
		_, err := nodes[i%2].Hold(t.Context(), Hold{Room: "room-0-0", Nonce: "x", Seats: 1, For: time.Minute})
		wantErr(t, "hold while redis is away", err, ErrUnavailable)
		slowest = max(slowest, time.Since(begin))
	}
	_, err := nodes[1].Find(t.Context(), Query{})
	if err != nil { // a list that is a moment old may still be searched
		wantErr(t, "find", err, ErrUnavailable)
	}
	t.Logf("killed: 200 calls are refused, the slowest in %v", slowest)

	p.start(t)
	for i, d := range nodes {
		took := eventually(t, "renew", func() error { return heartbeat(t.Context(), d, rooms[i]) })
		t.Logf("back: node %d has renewed its rooms after %v", i, took)
	}
	t.Logf("back: all are found %v later", eventually(t, "find", all))
	if l, err := nodes[0].ByCode(t.Context(), "1-7"); err != nil || l.Owner != rooms[1][7].Owner {
		t.Errorf("by code: %+v, %v", l, err)
	}
}

func TestCallsToAFrozenRedisEndByThemselves(t *testing.T) {
	p := startRedis(t)
	d := p.openAsIs(t)
	eventually(t, "announce", func() error { return d.Announce(t.Context(), Node{ID: "n"}) })
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	for range 100 {
		wantErr(t, "lookup", func() error { _, err := d.Lookup(t.Context(), "r"); return err }(), ErrUnavailable)
	}
	t.Logf("frozen: 100 calls in %v; the first %d may take %v each", time.Since(begin), breakerFailures, callBudget)
	if err := p.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	eventually(t, "announce", func() error { return d.Announce(t.Context(), Node{ID: "n"}) })
}

func TestRedisThatMayEvictKeysIsRefused(t *testing.T) {
	for _, policy := range []string{"allkeys-lru", "volatile-ttl"} {
		p := startRedis(t, "--maxmemory-policy", policy)
		d, err := OpenRedis(t.Context(), p.url(), testLease)
		if err == nil {
			d.Close()
		}
		if err == nil || !strings.Contains(err.Error(), policy) {
			t.Errorf("%s: %v", policy, err)
		}
	}
	if _, err := OpenRedis(t.Context(), "carrier pigeon", testLease); err == nil {
		t.Error("no url")
	}
}

func TestLeasesOutliveAClockThatGoesBackAndRunOutAllTheSame(t *testing.T) {
	p := startRedis(t)
	s := p.site(t)
	d := s.Directory.(*Redis)
	ctx := t.Context()
	// The clock of the machine is an hour fast, and is then put right.
	fast := func(by time.Duration) {
		if err := d.client.HIncrBy(ctx, prefix+"clock", "behind", by.Microseconds()).Err(); err != nil {
			t.Fatal(err)
		}
	}
	fast(time.Hour)
	l := publish(t, s, "r", Listing{Game: "g", MaxPlayers: 2})
	dead := publish(t, s, "dead", Listing{Game: "g", MaxPlayers: 2})
	put(t, s, Ticket{ID: "t", Queue: "q", For: time.Minute})
	fast(-time.Hour)
	_, err := s.Acquire(ctx, "r", "n2", 0)
	wantErr(t, "acquire right after", err, ErrFenced)
	if again := acquire(t, s, "r", "n1", 0); again.Epoch <= l.Epoch {
		t.Errorf("epoch %d after %d", again.Epoch, l.Epoch)
	}
	fast(10 * time.Second) // passes
	if next, err := s.Acquire(ctx, "dead", "n2", 0); err != nil || next.Epoch <= dead.Epoch {
		t.Errorf("the dead owner's lease has become an hour longer: %+v, %v", next, err)
	}
	fast(2 * time.Minute)
	_, err = s.Ticket(ctx, "t")
	wantErr(t, "the ticket", err, ErrUnknownTicket)
}

func TestNodeThatDiesBetweenHoldAndConfirmLeavesNoSeatTaken(t *testing.T) {
	p := startRedis(t)
	s := p.site(t)
	l := publish(t, s, "r", Listing{Game: "g", MaxPlayers: 2})
	dying := p.open(t)
	if _, err := dying.Hold(t.Context(), Hold{Room: "r", Nonce: "x", Seats: 2, For: 2 * time.Second}); err != nil {
		t.Fatal(err)
	}
	dying.Close()
	_, err := dying.Hold(t.Context(), Hold{Room: "r", Nonce: "y", Seats: 1, For: time.Second})
	wantErr(t, "a node that is gone", err, ErrUnavailable)
	free(t, s, "r", 0)
	s.pass(3 * time.Second)
	free(t, s, "r", 2)
	ok(t, "a confirmation that comes too late", s.Confirm(t.Context(), "x", l))
	free(t, s, "r", 2)
}

func TestScriptsThatRedisHasForgottenAreSentAgain(t *testing.T) {
	p := startRedis(t)
	s := p.site(t)
	d := s.Directory.(*Redis)
	l := publish(t, s, "r", Listing{Game: "g", MaxPlayers: 2})
	for range 3 {
		ok(t, "flush", d.client.ScriptFlush(t.Context()).Err())
		ok(t, "renew", s.Renew(t.Context(), l))
		free(t, s, "r", 2)
	}
}

// The process is killed between two writes of a script, its data on disk.
func TestScriptThatIsCutInTwoHasDoneNothing(t *testing.T) {
	p := startRedis(t, "--appendonly", "yes", "--appendfsync", "always", "--busy-reply-threshold", "1")
	s := p.site(t)
	d := s.Directory.(*Redis)
	publish(t, s, "r", Listing{Game: "g", MaxPlayers: 2})
	const between = "redis.call('ZADD', p .. 'held'"
	whole := scriptText(t, "common") + scriptText(t, "hold")
	at := strings.LastIndex(whole, between)
	cut := whole[:at] + "while true do end\n" + whole[at:]
	done := make(chan error)
	go func() {
		done <- d.client.Eval(context.WithoutCancel(t.Context()), cut, []string{prefix}, "r", "x", 1, micros(time.Minute)).Err()
	}()
	eventually(t, "the script to run", func() error {
		if _, err := d.Lookup(t.Context(), "r"); err == nil || !strings.Contains(err.Error(), "BUSY") {
			return fmt.Errorf("lookup: %v", err)
		}
		return nil
	})
	_, err := d.Lookup(t.Context(), "r")
	wantErr(t, "lookup meanwhile", err, ErrUnavailable)
	if err := d.client.ScriptKill(t.Context()).Err(); err == nil {
		t.Error("redis gives up scripts that have written")
	}
	p.kill(t)
	if err := <-done; err == nil {
		t.Error("the script has come to an end")
	}
	p.start(t)
	s.pass(0) // however long that took
	eventually(t, "lookup", func() error { _, err := d.Lookup(t.Context(), "r"); return err })
	free(t, s, "r", 2)
	if _, err := s.Hold(t.Context(), Hold{Room: "r", Nonce: "x", Seats: 2, For: time.Minute}); err != nil {
		t.Errorf("hold afterwards: %v", err)
	}
}

func scriptText(t *testing.T, name string) string {
	t.Helper()
	text, err := luaFiles.ReadFile("lua/" + name + ".lua")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAFreshListHasARoomThatAnotherNodeHasJustOpened(t *testing.T) {
	p := startRedis(t)
	d, other := p.openAsIs(t), p.openAsIs(t)
	d.mirror.fresh = time.Hour // everything is a moment ago
	if _, err := d.Find(t.Context(), Query{}); err != nil {
		t.Fatal(err)
	}
	o, err := other.Acquire(t.Context(), "r", "n2", 0)
	if err == nil {
		err = other.Renew(t.Context(), Listing{Owner: o, Game: "tag", MaxPlayers: 4})
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		q    Query
		want int
	}{{Query{}, 0}, {Query{Fresh: true}, 1}, {Query{}, 1}} {
		if rooms, err := d.Find(t.Context(), row.q); err != nil || len(rooms) != row.want {
			t.Errorf("%+v finds %+v, %v; want %d", row.q, rooms, err, row.want)
		}
	}
}
