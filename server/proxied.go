package server

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// proxies are the addresses of those whose word we take for whom a request is from.
type proxies []netip.Prefix

func (p proxies) has(addr netip.Addr) bool {
	return slices.ContainsFunc(p, func(net netip.Prefix) bool { return net.Contains(addr) })
}

// parseProxies reads addresses and networks, comma separated.
func parseProxies(text string) (p proxies, err error) {
	var wrong []error
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		net, err := netip.ParsePrefix(part)
		if addr, single := netip.ParseAddr(part); single == nil {
			net, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%q is not an address or a network; use 10.1.2.3 or 10.0.0.0/8", part))
			continue
		}
		p = append(p, net.Masked())
	}
	return p, errors.Join(wrong...)
}

// wrap gives requests that come through a proxy the address of who sent them, so that
// limits are each client's own. Of X-Forwarded-For only what our proxies have added is
// believed, from its end: the rest anybody may have written.
func (p proxies) wrap(next http.Handler) http.Handler {
	if len(p) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if from, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
			if client := p.client(from.Addr().Unmap(), r.Header.Values("X-Forwarded-For")); client != from.Addr().Unmap() {
				r.RemoteAddr = netip.AddrPortFrom(client, 0).String()
			}
		}
		next.ServeHTTP(w, r)
	})
}

// client is the nearest address that is no proxy of ours.
func (p proxies) client(from netip.Addr, forwarded []string) netip.Addr {
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !p.has(from) {
			break
		}
		addr, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		from = addr.Unmap()
	}
	return from
}
