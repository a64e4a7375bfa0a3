package server

import (
	"bytes"
	"crypto/sha256"
	"io"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// maxAnswers bounds each of the two generations of answers that are kept; one takes about
// a kilobyte.
const maxAnswers = 4096

// maxAnswer bounds an answer that is kept, in bytes; larger ones are not.
const maxAnswer = 16 << 10

// idempotency gives a request that comes again under its Idempotency-Key the answer it
// got, so that a client whose network failed may ask again without being served twice. Only
// successes are kept: what failed did nothing, and may go better now.
type idempotency struct {
	life time.Duration // of an answer

	mu       sync.Mutex // guards the following
	now, old map[requestKey]*kept
}

// requestKey is one client's own: nobody sees another's answers.
type requestKey struct {
	addr   netip.Addr // of who is nobody in particular
	player string
	path   string
	key    string
}

// kept is an answer, or one that is being made.
type kept struct {
	request [sha256.Size]byte
	done    chan struct{} // closed when the rest is there

	// Written before done is closed.
	status  int // 0: not kept
	header  http.Header
	body    []byte
	expires time.Time
}

func newIdempotency(life time.Duration) *idempotency {
	return &idempotency{life: life, now: make(map[requestKey]*kept)}
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
		d.serve(w, r, key, sha256.Sum256(append([]byte(r.Header.Get("Content-Type")+"\n"), body...)), next)
	})
}

// readCloser reads on where somebody has begun to.
type readCloser struct {
	io.Reader
	io.Closer
}

func (d *idempotency) serve(w http.ResponseWriter, r *http.Request, key string, request [sha256.Size]byte, next http.Handler) {
	who := callerOf(r.Context())
	rk := requestKey{path: r.Method + " " + r.URL.Path, key: key}
	if who.id != nil {
		rk.player = who.id.Player
	} else {
		rk.addr = addressOf(r.RemoteAddr)
	}
	for {
		k, first := d.claim(rk, request, time.Now())
		if first {
			d.answer(w, r, rk, k, next)
			return
		}
		if k.request != request {
			idempotencyReused().write(w)
			return
		}
		select {
		case <-k.done:
		case <-r.Context().Done():
			return
		}
		if k.status != 0 {
			k.write(w)
			return
		} // the first one failed: it is our turn, or another's who waited
	}
}

// claim returns what is known of a request; first says that the caller is to answer it.
func (d *idempotency) claim(rk requestKey, request [sha256.Size]byte, now time.Time) (k *kept, first bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, generation := range []map[requestKey]*kept{d.now, d.old} {
		if k := generation[rk]; k != nil && !k.over(now) {
			return k, false
		}
	}
	if len(d.now) >= maxAnswers {
		d.old, d.now = d.now, make(map[requestKey]*kept)
	}
	k = &kept{request: request, done: make(chan struct{})}
	d.now[rk] = k
	return k, true
}

// over tells whether an answer has expired. One that is being made has not.
func (k *kept) over(now time.Time) bool {
	select {
	case <-k.done:
		return !now.Before(k.expires)
	default:
		return false
	}
}

// answer lets next answer, and keeps that if it is a success.
func (d *idempotency) answer(w http.ResponseWriter, r *http.Request, rk requestKey, k *kept, next http.Handler) {
	defer func() {
		if k.status == 0 { // also after a panic
			d.mu.Lock()
			for _, generation := range []map[requestKey]*kept{d.now, d.old} {
				if generation[rk] == k {
					delete(generation, rk)
				}
			}
			d.mu.Unlock()
		}
		close(k.done)
	}()
	rec := &recorder{header: make(http.Header), status: http.StatusOK}
	next.ServeHTTP(rec, r)
	answer := &kept{status: rec.status, header: rec.header, body: rec.body.Bytes()}
	if rec.status < 300 && len(answer.body) <= maxAnswer {
		k.status, k.header, k.body, k.expires = answer.status, answer.header, answer.body, time.Now().Add(d.life)
	}
	answer.write(w)
}

func (k *kept) write(w http.ResponseWriter) {
	for name, values := range k.header {
		w.Header()[name] = values
	}
	w.WriteHeader(k.status)
	_, _ = w.Write(k.body) // the client may be gone
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
