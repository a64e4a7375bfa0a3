package server

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/server/identity"
)

func verifierFor(key string) (*identity.Verifier, error) {
	return identity.New(identity.Config{Key: key}, time.Now())
}

// request sends one to a handler without a socket; header is names and values.
func request(h http.Handler, method, path, from string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader("{}"))
	r.RemoteAddr = from
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestTheSameRequestUnderTheSameKeyGetsTheSameAnswer(t *testing.T) {
	s := startPool(t)
	key := []string{"Idempotency-Key", "7b1f"}
	first := s.post(t, `{"game":"pool","name":"Ada"}`, key...)
	second := s.post(t, `{"game":"pool","name":"Ada"}`, key...)
	if first.status != 200 || second.body != first.body || second.header.Get("Content-Type") != first.header.Get("Content-Type") || second.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %s, then %d %s", first.status, first.body, second.status, second.body)
	}
	wantProblem(t, s.post(t, `{"game":"pool","name":"Bob"}`, key...), 422, "idempotency-reused")
	if s.post(t, `{"game":"pool","name":"Ada"}`, "Idempotency-Key", "7b20").body == first.body {
		t.Error("another key got the same answer")
	}
	for _, bad := range []string{"", strings.Repeat("k", 65), "ключ"} {
		wantProblem(t, s.post(t, `{"game":"pool"}`, "Idempotency-Key", bad), 400, "idempotency-key")
	}
	if _, rooms := get(t, s.url+"/v1/rooms"); !strings.Contains(rooms, `"reserved":2`) {
		t.Errorf("not two seats are held: %s", rooms)
	}
}

// served counts requests, each of which takes a second.
func served(status int) (http.Handler, *atomic.Int32) {
	n := new(atomic.Int32)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		time.Sleep(time.Second)
		w.WriteHeader(status)
		fmt.Fprint(w, n.Add(1))
	}), n
}

func TestRequestsUnderOneKeyThatComeTogetherAreServedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next, n := served(200)
		h := newIdempotency(directory.NewMemory(time.Minute), time.Minute).wrap(next)
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if w := request(h, "POST", "/x", "1.2.3.4:5", "Idempotency-Key", "k"); w.Body.String() != "1" {
					t.Errorf("answered %q", w.Body)
				}
			})
		}
		wg.Wait()
		if n.Load() != 1 {
			t.Errorf("served %d times", n.Load())
		}
		time.Sleep(time.Minute)
		if request(h, "POST", "/x", "1.2.3.4:5", "Idempotency-Key", "k").Body.String() != "2" {
			t.Error("an answer outlives its time")
		}
	})
}

func TestFailuresMayBeTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next, n := served(503)
		h := newIdempotency(directory.NewMemory(time.Minute), time.Minute).wrap(next)
		for range 3 {
			request(h, "POST", "/x", "1.2.3.4:5", "Idempotency-Key", "k")
		}
		if n.Load() != 3 {
			t.Errorf("served %d times", n.Load())
		}
	})
}

func TestNobodyGetsAnothersAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next, n := served(200)
		h := newIdempotency(directory.NewMemory(time.Minute), time.Minute).wrap(next)
		for i, from := range []string{"1.2.3.4:5", "1.2.3.5:5"} {
			for _, path := range []string{"/x", "/y"} {
				request(h, "POST", path, from, "Idempotency-Key", "k")
				request(h, "POST", path, from, "Idempotency-Key", "k")
			}
			if n.Load() != int32(2*i+2) {
				t.Errorf("served %d times", n.Load())
			}
		}
	})
}

func TestPlayersBehindOneAddressAreToldApartByTheirTickets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next, n := served(200)
		h := newIdempotency(directory.NewMemory(time.Minute), time.Minute).wrap(next)
		for _, secret := range []string{"Ada's", "Bob's", "Ada's"} {
			if w := request(h, "POST", "/x", "1.2.3.4:5", "Idempotency-Key", "k", "Ticket-Secret", secret); w.Code != 200 {
				t.Errorf("%s: %d %s", secret, w.Code, w.Body)
			}
		}
		if n.Load() != 2 {
			t.Errorf("served %d times", n.Load())
		}
	})
}

func TestTheKeysOfABusyNodesJoinsAreAllKept(t *testing.T) {
	d := newIdempotency(directory.NewMemory(time.Minute), seatTokenLife)
	start := time.Now()
	const joins = 5000 // a second, see the benchmark of joins
	for i := range joins * int(seatTokenLife/time.Second) {
		now := start.Add(time.Duration(i) * time.Second / joins)
		rk := requestKey{key: fmt.Sprint(i)}
		if k, _ := d.claim(rk, "", now); k == nil {
			t.Fatalf("join %d has no key, %v after the first", i, now.Sub(start))
		}
		delete(d.served, rk)
	}
}

func TestKeptAnswersAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := directory.NewMemory(time.Minute)
		n := 0
		once := newIdempotency(dir, time.Hour)
		once.most = 100
		h := once.wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { n++; fmt.Fprint(w, n) }))
		for i := range once.most + 100 {
			request(h, "POST", "/x", "1.2.3.4:5", "Idempotency-Key", fmt.Sprint(i))
		}
		c, err := dir.Tickets(t.Context(), answerQueue, directory.Cursor{})
		if err != nil || len(c.Tickets) != once.most {
			t.Errorf("%d answers kept, %v", len(c.Tickets), err)
		}
		if again := request(h, "POST", "/x", "1.2.3.4:5", "Idempotency-Key", fmt.Sprint(once.most+50)).Body.String(); again == fmt.Sprint(once.most+51) {
			t.Error("beyond that it is kept, too")
		}
		time.Sleep(time.Hour) // they are over
		first := request(h, "POST", "/x", "1.2.3.4:5", "Idempotency-Key", "k").Body.String()
		if again := request(h, "POST", "/x", "1.2.3.4:5", "Idempotency-Key", "k").Body.String(); again != first {
			t.Errorf("answered %q, then %q", first, again)
		}
	})
}

func TestARequestThatComesToAnotherNodeGetsTheSameAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next, n := served(200)
		dir := directory.NewMemory(time.Minute)
		nodes := []http.Handler{newIdempotency(dir, time.Minute).wrap(next), newIdempotency(dir, time.Minute).wrap(next)}
		var wg sync.WaitGroup
		for i := range 20 { // while the first is served, too
			wg.Go(func() {
				if w := request(nodes[i%2], "POST", "/x", "1.2.3.4:5", "Idempotency-Key", "k", "Content-Type", "application/json"); w.Body.String() != "1" || w.Code != 200 {
					t.Errorf("answered %d %q", w.Code, w.Body)
				}
			})
		}
		wg.Wait()
		if n.Load() != 1 {
			t.Errorf("served %d times", n.Load())
		}
		if w := request(nodes[1], "POST", "/x", "1.2.3.4:5", "Idempotency-Key", "k", "Content-Type", "text/plain"); w.Code != 422 {
			t.Errorf("another request under the key: %d %s", w.Code, w.Body)
		}
	})
}

func TestANodeThatDiesWhileItServesLeavesTheRequestToAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next, n := served(200)
		dir := directory.NewMemory(time.Minute)
		dead := answers{dir}
		if _, _, err := dead.begin(t.Context(), requestKey{addr: addressOf("1.2.3.4:5"), path: "POST /x", key: "k"}, "of another life"); err != nil {
			t.Fatal(err)
		}
		h := newIdempotency(dir, time.Minute).wrap(next)
		if w := request(h, "POST", "/x", "1.2.3.4:5", "Idempotency-Key", "k"); w.Code != 422 {
			t.Fatalf("while it may be alive: %d", w.Code)
		}
		time.Sleep(servingLife)
		if w := request(h, "POST", "/x", "1.2.3.4:5", "Idempotency-Key", "k"); w.Code != 200 || n.Load() != 1 {
			t.Errorf("afterwards: %d, served %d times", w.Code, n.Load())
		}
	})
}

func TestWithoutADirectoryNothingIsServedUnderAKey(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	next, n := served(200)
	r := httptest.NewRequest("POST", "/x", strings.NewReader("{}")).WithContext(ctx) // an ended one is what being away is for Memory
	r.Header.Set("Idempotency-Key", "k")
	w := httptest.NewRecorder()
	newIdempotency(directory.NewMemory(time.Minute), time.Minute).wrap(next).ServeHTTP(w, r)
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || n.Load() != 0 {
		t.Errorf("%d, served %d times", w.Code, n.Load())
	}
}
