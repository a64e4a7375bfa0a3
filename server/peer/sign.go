// Package peer is how the nodes of one cluster talk to each other: by HTTP requests that
// are signed with the secret they share. It hides nothing; peers belong on a network of
// their own.
package peer

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ErrUnsigned is a request that no peer made, or that is too old, or that has been here.
var ErrUnsigned = errors.New("peer: request not signed by a peer")

const (
	signatureHeader = "Roomtick-Peer"

	// window is how far the clocks of two peers may differ, a request's way included.
	window = 10 * time.Second

	// maxNonces bounds what is remembered of requests within the window, twice: far more
	// than the joins that a node stands.
	maxNonces = 1 << 17
)

// Keys signs requests to peers and checks theirs. It is safe from any goroutine.
type Keys struct {
	key []byte

	mu         sync.Mutex // guards the following
	seen       map[string]struct{}
	seenBefore map[string]struct{} // of the window before
	turned     time.Time           // when seen was begun
}

// NewKeys derives the key of the peers from the cluster's secret, which signs other
// things, too.
func NewKeys(secret []byte) *Keys {
	h := hmac.New(sha256.New, secret)
	_, _ = h.Write([]byte("roomtick peer 1")) // never fails
	return &Keys{key: h.Sum(nil), seen: make(map[string]struct{})}
}

// Sign marks r, whose body is body, as ours.
func (k *Keys) Sign(r *http.Request, body []byte, now time.Time) {
	at := strconv.FormatInt(now.UnixMilli(), 10)
	nonce := rand.Text()
	r.Header.Set(signatureHeader, at+" "+nonce+" "+k.mac(r, body, at, nonce))
}

// Verify returns ErrUnsigned unless a peer has signed r with this body within the
// window, and it is here for the first time. The mark is removed from r.
func (k *Keys) Verify(r *http.Request, body []byte, now time.Time) error {
	parts := strings.Split(r.Header.Get(signatureHeader), " ")
	r.Header.Del(signatureHeader)
	if len(parts) != 3 {
		return ErrUnsigned
	}
	at, nonce, mac := parts[0], parts[1], parts[2]
	if !hmac.Equal([]byte(mac), []byte(k.mac(r, body, at, nonce))) { // constant time
		return ErrUnsigned
	}
	millis, err := strconv.ParseInt(at, 10, 64)
	if err != nil || now.Sub(time.UnixMilli(millis)).Abs() > window || !k.first(nonce, now) {
		return ErrUnsigned
	}
	return nil
}

// mac covers everything of the request that means something to a peer.
func (k *Keys) mac(r *http.Request, body []byte, at, nonce string) string {
	sum := sha256.Sum256(body)
	h := hmac.New(sha256.New, k.key)
	for _, part := range []string{r.Method, r.URL.RequestURI(), r.Header.Get(clientHeader), at, nonce, hex.EncodeToString(sum[:])} {
		_, _ = h.Write([]byte(part + "\n")) // never fails
	}
	return hex.EncodeToString(h.Sum(nil))
}

// first reports whether a nonce was not seen within the window. Two generations, each as
// long as a request can be good, are what must be remembered. A node that gets more
// requests than it remembers refuses them: a peer would not send so many.
func (k *Keys) first(nonce string, now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now.Sub(k.turned) >= 2*window {
		k.seenBefore, k.seen = k.seen, make(map[string]struct{})
		k.turned = now
	}
	_, now1 := k.seen[nonce]
	_, before := k.seenBefore[nonce]
	if now1 || before || len(k.seen) >= maxNonces {
		return false
	}
	k.seen[nonce] = struct{}{}
	return true
}
