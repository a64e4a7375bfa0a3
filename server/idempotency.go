package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/roomtick/roomtick/server/directory"
)

// maxAnswers bounds how many answers of a node are kept at once, about: of all the joins that
// one answers in the life of a seat token at 5000 a second, each under a key as the SDK sends
// them. The directory keeps them, in a kilobyte each. Requests beyond that are served as if
// they had no key.
const maxAnswers = 5000 * int(seatTokenLife/time.Second)

// maxAnswer bounds an answer that is kept, in bytes; larger ones are not.
const maxAnswer = 16 << 10

// idempotency gives a request that comes again under its Idempotency-Key the answer it
// got, whichever node it comes to, so that a client whose network failed may ask again
// without being served twice. Only successes are kept: what failed did nothing, and may go
// better now.
type idempotency struct {
	answers answers
	life    time.Duration // of an answer
	most    int           // answers kept at once: maxAnswers but in tests

	mu     sync.Mutex // guards the following
	served map[requestKey]*kept
	begun  time.Time // of the present life of answers
	count  int       // of those since
}

// requestKey is one client's own: nobody sees another's answers.
type requestKey struct {
	addr   netip.Addr // of who is nobody in particular
	player string
	secret string // of a ticket: one address may have many players
	path   string
	key    string
}

// kept is an answer that is being made on this node, for those who ask for the same
// meanwhile.
type kept struct {
	request string
	done    chan struct{} // closed when the answer is there
	answer  *keptAnswer   // nil: it was no success
}

func newIdempotency(dir directory.Tickets, life time.Duration) *idempotency {
	return &idempotency{answers: answers{dir}, life: life, most: maxAnswers, served: make(map[requestKey]*kept)}
}

// wrap is for handlers whose requests identify has let through.
func (d *idempotency) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("Idempotency-Key")
		if key == "" && len(r.Header.Values("Idempotency-Key")) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		if !validKey(key) {
			badIdempotencyKey().write(w)
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		r.Body = readCloser{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
		if err != nil || len(body) > maxBody { // it will be refused
			next.ServeHTTP(w, r)
			return
		}
		sum := sha256.Sum256(append([]byte(r.Header.Get("Content-Type")+"\n"), body...))
		d.serve(w, r, key, hex.EncodeToString(sum[:]), next)
	})
}

// readCloser reads on where somebody has begun to.
type readCloser struct {
	io.Reader
	io.Closer
}

func (d *idempotency) serve(w http.ResponseWriter, r *http.Request, key, request string, next http.Handler) {
	who := callerOf(r.Context())
	rk := requestKey{secret: r.Header.Get("Ticket-Secret"), path: r.Method + " " + r.URL.Path, key: key}
	if who.id != nil {
		rk.player = who.id.Player
	} else {
		rk.addr = addressOf(r.RemoteAddr)
	}
	for {
		k, first := d.claim(rk, request, time.Now())
		switch {
		case k == nil:
			next.ServeHTTP(w, r)
			return
		case first:
			d.answer(w, r, rk, k, next)
			return
		case k.request != request:
			idempotencyReused().write(w)
			return
		}
		select {
		case <-k.done:
		case <-r.Context().Done():
			return
		}
		if k.answer != nil {
			k.answer.write(w)
			return
		} // the first one failed: it is our turn, or another's who waited
	}
}

// claim returns the answer that is being made here; first says that the caller is to make
// it. It is nil if no more are kept.
func (d *idempotency) claim(rk requestKey, request string, now time.Time) (k *kept, first bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if k := d.served[rk]; k != nil {
		return k, false
	}
	if now.Sub(d.begun) >= d.life {
		d.begun, d.count = now, 0
	}
	if d.count >= d.most {
		return nil, false
	}
	d.count++
	k = &kept{request: request, done: make(chan struct{})}
	d.served[rk] = k
	return k, true
}

// answer lets next answer, unless some node has, and keeps that if it is a success.
func (d *idempotency) answer(w http.ResponseWriter, r *http.Request, rk requestKey, k *kept, next http.Handler) {
	defer func() { // also after a panic
		d.mu.Lock()
		delete(d.served, rk)
		d.mu.Unlock()
		close(k.done)
	}()
	turn, had, err := d.answers.begin(r.Context(), rk, k.request)
	switch {
	case errors.Is(err, errReused):
		idempotencyReused().write(w)
	case err != nil:
		directoryAway().write(w)
	case had != nil:
		k.answer = had
		had.write(w)
	}
	if err != nil || had != nil {
		return
	}
	over := false
	defer func() {
		if !over {
			d.answers.giveUp(r.Context(), turn)
		}
	}()
	rec := &recorder{header: make(http.Header), status: http.StatusOK}
	next.ServeHTTP(rec, r)
	a := &keptAnswer{Request: k.request, Status: rec.status, Header: rec.header, Body: rec.body.Bytes()}
	if rec.status < 300 && len(a.Body) <= maxAnswer {
		d.answers.keep(r.Context(), turn, a, d.life)
		k.answer, over = a, true
	}
	a.write(w)
}

// recorder is a http.ResponseWriter that keeps the answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func validKey(key string) bool {
	for i := range len(key) {
		if key[i] < ' ' || key[i] > '~' {
			return false
		}
	}
	return key != "" && len(key) <= 64
}
