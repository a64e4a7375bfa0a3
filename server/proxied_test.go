package server

import (
	"net/http"
	"testing"
)

func TestOnlyWhatOurProxiesAddedSaysWhoAsks(t *testing.T) {
	p, err := parseProxies("10.0.0.0/8, 127.0.0.1,2001:db8::/32")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ remote, forwarded, want string }{
		{"10.0.0.1:5", "1.2.3.4", "1.2.3.4:0"},
		{"10.0.0.1:5", "6.6.6.6, 1.2.3.4", "1.2.3.4:0"},           // the first was there when it came
		{"10.0.0.1:5", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4:0"}, // two proxies of ours
		{"[2001:db8::1]:5", "2001:1::2", "[2001:1::2]:0"},
		{"[::ffff:10.0.0.1]:5", "1.2.3.4", "1.2.3.4:0"},
		{"1.2.3.4:5", "6.6.6.6", "1.2.3.4:5"}, // no proxy of ours
		{"10.0.0.1:5", "", "10.0.0.1:5"},
		{"10.0.0.1:5", "nonsense", "10.0.0.1:5"},
		{"10.0.0.1:5", "6.6.6.6, nonsense", "10.0.0.1:5"},
	} {
		var got string
		h := p.wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr }))
		request(h, "GET", "/", row.remote, "X-Forwarded-For", row.forwarded)
		if got != row.want {
			t.Errorf("%s through %s is %s, want %s", row.forwarded, row.remote, got, row.want)
		}
	}
	if _, err := parseProxies("10.0.0.1, nonsense, 10.0.0.0/99"); err == nil {
		t.Error("nonsense is a proxy")
	}
}

func TestClientsBehindOneProxyHaveLimitsOfTheirOwn(t *testing.T) {
	s := startPool(t, "-join-rate", "0.1", "-proxies", "127.0.0.1")
	for _, from := range []string{"1.2.3.4", "1.2.3.5"} {
		if r := s.post(t, `{"game":"pool"}`, "X-Forwarded-For", from); r.status != 200 {
			t.Errorf("%s: %d", from, r.status)
		}
		wantProblem(t, s.post(t, `{"game":"pool"}`, "X-Forwarded-For", from), 429, "too-many-requests")
	}
}
