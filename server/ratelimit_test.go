package server

import (
	"fmt"
	"testing"
	"time"
)

func TestAddressGetsItsBurstThenItsRate(t *testing.T) {
	now := time.Unix(1000, 0)
	l := newJoinLimiter(5)
	for i := range 50 {
		if !l.allow(addressOf("10.0.0.1:1"), now) {
			t.Fatalf("request %d of the burst refused", i)
		}
	}
	if l.allow(addressOf("10.0.0.1:2"), now) {
		t.Error("another port of the address has its own bucket")
	}
	if !l.allow(addressOf("10.0.0.2:1"), now) {
		t.Error("another address is refused too")
	}
	if !l.allow(addressOf("10.0.0.1:1"), now.Add(200*time.Millisecond)) || l.allow(addressOf("10.0.0.1:1"), now.Add(200*time.Millisecond)) {
		t.Error("not one more after a fifth of a second")
	}
}

func TestOneIPv6CustomerIsOneAddress(t *testing.T) {
	if addressOf("[2001:db8:1:2::1]:1") != addressOf("[2001:db8:1:2:ffff::9]:2") {
		t.Error("two addresses of one /64 differ")
	}
	if addressOf("[2001:db8:1:2::1]:1") == addressOf("[2001:db8:1:3::1]:1") {
		t.Error("two /64 are one")
	}
	if addressOf("[::ffff:10.0.0.1]:1") != addressOf("10.0.0.1:1") {
		t.Error("a mapped IPv4 address is another one")
	}
}

func TestLimiterIsBoundedAndKeepsWhoIsActive(t *testing.T) {
	now := time.Unix(1000, 0)
	l := newJoinLimiter(0.1) // burst of 1
	if !l.allow(addressOf("10.0.0.1:1"), now) {
		t.Fatal("first request refused")
	}
	for i := range 4 * maxAddresses {
		l.allow(addressOf(fmt.Sprintf("11.%d.%d.%d:1", i>>16, i>>8&255, i&255)), now)
		if i%1000 == 0 && l.allow(addressOf("10.0.0.1:1"), now) {
			t.Fatalf("the active address was forgotten after %d others", i)
		}
		if n := len(l.now) + len(l.old); n > 2*maxAddresses {
			t.Fatalf("%d addresses kept", n)
		}
	}
}

func TestZeroIsNoLimit(t *testing.T) {
	l := newJoinLimiter(0)
	for range 100_000 {
		if !l.allow(addressOf("10.0.0.1:1"), time.Time{}) {
			t.Fatal("refused")
		}
	}
}
