package server

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxAddresses bounds each of the limiter's two generations. Flooding it with
// addresses gives an attacker who owns that many nothing but fresh buckets, which
// each of those addresses has anyway.
const maxAddresses = 8192

// A studio's own account asks for a match seldom, whatever its address is.
const (
	accountRate  = 2 // requests a second
	accountBurst = 20
)

// limiter gives each address, or each account, a token bucket. It keeps those seen since
// the last turn and those of the turn before, so memory is bounded and nobody active is
// forgotten.
type limiter[K comparable] struct {
	rate  rate.Limit
	burst int

	mu       sync.Mutex // guards the following
	now, old map[K]*rate.Limiter
}

// newLimiter allows perSecond requests and burst at once; 0 is no limit.
func newLimiter[K comparable](perSecond float64, burst int) *limiter[K] {
	if perSecond == 0 {
		return &limiter[K]{rate: rate.Inf}
	}
	return &limiter[K]{rate: rate.Limit(perSecond), burst: max(1, burst), now: make(map[K]*rate.Limiter)}
}

// newJoinLimiter allows an address perSecond joins and ten times that at once.
func newJoinLimiter(perSecond float64) *limiter[netip.Addr] {
	return newLimiter[netip.Addr](perSecond, int(10*perSecond))
}

// newAccountLimiter is for the requests of accounts, whatever they ask for; there is no
// limit where addresses have none.
func newAccountLimiter(joinRate float64) *limiter[string] {
	if joinRate == 0 {
		return newLimiter[string](0, 0)
	}
	return newLimiter[string](accountRate, accountBurst)
}

// allow takes one token of who asks.
func (l *limiter[K]) allow(who K, now time.Time) bool {
	if l.rate == rate.Inf {
		return true
	}
	return l.bucket(who).AllowN(now, 1)
}

// addressOf returns whom a request counts against: an IPv4 address, or the /64 that
// one IPv6 customer is given. What is no address shares one bucket.
func addressOf(remote string) netip.Addr {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	addr := ap.Addr().Unmap().WithZone("")
	if addr.Is6() {
		addr = netip.PrefixFrom(addr, 64).Masked().Addr()
	}
	return addr
}

func (l *limiter[K]) bucket(who K) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.now[who]
	if b != nil {
		return b
	}
	if b = l.old[who]; b == nil {
		b = rate.NewLimiter(l.rate, l.burst)
	}
	if len(l.now) >= maxAddresses {
		l.old, l.now = l.now, make(map[K]*rate.Limiter)
	}
	l.now[who] = b
	return b
}

// limitAddresses answers 429 to addresses that ask too often.
func limitAddresses(l *limiter[netip.Addr], next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !l.allow(addressOf(r.RemoteAddr), time.Now()) {
			tooMany().write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}
