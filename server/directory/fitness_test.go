package directory

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

func TestARedisThatIsNotThereYetIsWaitedFor(t *testing.T) {
	p := startRedis(t)
	p.kill(t)
	d := p.openAsIs(t)
	err := d.Announce(t.Context(), Node{ID: "n"})
	wantErr(t, "announce", err, ErrUnavailable)
	if errors.Is(err, ErrUnfit) {
		t.Errorf("nothing is wrong but that it is not there: %v", err)
	}
	p.start(t)
	eventually(t, "announce", func() error { return d.Announce(t.Context(), Node{ID: "n"}) })
}

func TestARedisThatComesLateAndMayEvictKeysIsNeverUsed(t *testing.T) {
	p := startRedis(t, "--maxmemory-policy", "allkeys-lru")
	p.kill(t)
	d := p.openAsIs(t)
	p.start(t)
	eventually(t, "announce", func() error {
		if err := d.Announce(t.Context(), Node{ID: "n"}); !errors.Is(err, ErrUnfit) || !strings.Contains(err.Error(), "allkeys-lru") {
			return errors.Join(errors.New("not refused"), err)
		}
		return nil
	})
	for range 2 * breakerFailures { // it is said each time
		wantErr(t, "lookup", func() error { _, err := d.Lookup(t.Context(), "r"); return err }(), ErrUnfit)
	}
}

func TestWhoIsNotLetInByRedisIsTold(t *testing.T) {
	p := startRedis(t)
	admin := p.open(t)
	ok(t, "set the password", admin.client.ConfigSet(t.Context(), "requirepass", "sesame").Err())
	url := func(user string) string { return strings.Replace(p.url(), "unix://", "unix://"+user, 1) }
	for _, user := range []string{"", ":guess@", "nobody:sesame@"} {
		d, err := OpenRedis(t.Context(), url(user), testLease)
		if err == nil {
			d.Close()
		}
		if !errors.Is(err, ErrUnfit) || !strings.Contains(err.Error(), "password") {
			t.Errorf("as %q: %v", user, err)
		}
	}
	d, err := OpenRedis(t.Context(), url(":sesame@"), testLease)
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
}

func TestARedisThatIsNotReadyIsNotUnfit(t *testing.T) {
	m := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: m.Addr(), MaxRetries: -1})
	defer client.Close()
	for says, fit := range map[string]bool{
		"LOADING Redis is loading the dataset in memory": true,
		"BUSY Redis is busy running a script":            true,
		"ERR max number of clients reached":              true,
		"MASTERDOWN Link with MASTER is down":            true,
		"NOPERM this user has no permissions to run it":  false,
		"ERR DB index is out of range":                   false,
		"NOAUTH Authentication required.":                false,
	} {
		m.SetError(says)
		err := fitness(client.Info(t.Context(), "memory").Err())
		if err == nil || errors.Is(err, ErrUnfit) == fit {
			t.Errorf("%s: %v", says, err)
		}
	}
}

func TestACallWaitsLongerWhileRedisAnswersOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &Redis{budget: callBudget}
		d.fit.Store(true)
		takes := func(long time.Duration) error {
			return d.guarded(t.Context(), func(ctx context.Context) error {
				select {
				case <-time.After(long):
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
		}
		begin := time.Now()
		wantErr(t, "alone", takes(2*callBudget), ErrUnavailable)
		if took := time.Since(begin); took != callBudget {
			t.Errorf("given up after %v", took)
		}
		time.Sleep(time.Second) // the call that was given up has been answered
		done := make(chan error)
		go func() { done <- takes(4 * callBudget) }()
		for range 8 {
			ok(t, "a short one", takes(callBudget/2))
		}
		ok(t, "beside others", <-done)
		go func() {
			for range 20 {
				_ = takes(callBudget / 2)
			}
			close(done)
		}()
		begin = time.Now()
		wantErr(t, "one that never ends", takes(time.Hour), ErrUnavailable)
		if took := time.Since(begin); took != callPatience*callBudget {
			t.Errorf("given up after %v", took)
		}
		<-done
	})
}

func TestNoCallSendsItsWholeScript(t *testing.T) {
	p := startRedis(t)
	d := p.open(t)
	o, err := d.Acquire(t.Context(), "r", "n", 0)
	ok(t, "acquire", err)
	ok(t, "renew", d.Renew(t.Context(), Listing{Owner: o, Look: 1}))
	_, err = d.Lookup(t.Context(), "r")
	ok(t, "lookup", err)
	stats, err := d.client.Info(t.Context(), "commandstats").Result()
	ok(t, "info", err)
	if strings.Contains(stats, "cmdstat_eval:") || !strings.Contains(stats, "cmdstat_evalsha:") {
		t.Errorf("scripts are sent with the calls:\n%s", stats)
	}
}
