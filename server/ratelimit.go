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

// limiter gives each address a token bucket. It keeps the addresses seen since the
// last turn and those of the turn before, so memory is bounded and nobody active is
// forgotten.
type limiter struct {
	rate  rate.Limit
	burst int

	mu       sync.Mutex // guards the following
	now, old map[netip.Addr]*rate.Limiter
}

// newLimiter allows perSecond requests and ten times that at once; 0 is no limit.
func newLimiter(perSecond float64) *limiter {
	if perSecond == 0 {
		return &limiter{rate: rate.Inf}
	}
	return &limiter{rate: rate.Limit(perSecond), burst: max(1, int(10*perSecond)), now: make(map[netip.Addr]*rate.Limiter)}
}

// allow takes one token of the address that remote ("host:port") belongs to.
func (l *limiter) allow(remote string, now time.Time) bool {
	if l.rate == rate.Inf {
		return true
	}
	return l.bucket(addressOf(remote)).AllowN(now, 1)
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

func (l *limiter) bucket(addr netip.Addr) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.now[addr]
	if b != nil {
		return b
	}
	if b = l.old[addr]; b == nil {
		b = rate.NewLimiter(l.rate, l.burst)
	}
	if len(l.now) >= maxAddresses {
		l.old, l.now = l.now, make(map[netip.Addr]*rate.Limiter)
	}
	l.now[addr] = b
	return b
}

// wrap answers 429 to addresses that ask too often.
func (l *limiter) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !l.allow(r.RemoteAddr, time.Now()) {
			tooMany().write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}
