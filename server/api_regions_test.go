package server

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/roomtick/roomtick/server/directory"
)

func TestRegionsAreListedByAddressesThatTellThemApart(t *testing.T) {
	const base = "http://lb.example"
	node := func(id, region, address string) directory.Node {
		return directory.Node{ID: id, Region: region, Address: address}
	}
	for _, row := range []struct {
		name, region, address string
		others                []directory.Node
		want                  map[string]string
	}{
		{"no region", "", "", nil, map[string]string{}},
		{"alone", "eu", "", nil, map[string]string{"eu": base}},
		{"alone at its address", "eu", "https://eu.example", nil, map[string]string{"eu": "https://eu.example"}},
		{"two regions", "eu", "", []directory.Node{node("b", "us", "https://us.example")}, map[string]string{"eu": base, "us": "https://us.example"}},
		{"behind one balancer", "eu", "", []directory.Node{node("b", "us", "")}, map[string]string{}},
		{"behind one address", "eu", "https://x.example", []directory.Node{node("b", "us", "https://x.example")}, map[string]string{}},
		{"several of a region", "eu", "https://e2.example", []directory.Node{node("b", "eu", "https://e1.example"), node("c", "", "https://e0.example")}, map[string]string{"eu": "https://e1.example"}},
		{"one that goes away", "eu", "", []directory.Node{{ID: "b", Region: "us", Address: "https://us.example", Draining: true}}, map[string]string{"eu": base}},
		{"balanced, and one apart", "eu", "", []directory.Node{node("b", "us", ""), node("c", "asia", "https://asia.example")}, map[string]string{"asia": "https://asia.example"}},
	} {
		n := newTestNode(t, config{region: row.region, publicURL: row.address})
		n.cluster.set(append(row.others, node(n.id, row.region, row.address)), time.Now())
		if got := n.pings(base); !maps.Equal(got, row.want) {
			t.Errorf("%s: %v, want %v", row.name, got, row.want)
		}
	}
}

func TestARegionIsMeasuredByWhatItsListSays(t *testing.T) {
	s := startPool(t, "-region", "eu")
	_, body := get(t, s.url+"/v1/regions")
	var list struct{ Regions []regionInfo }
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Regions) != 1 || list.Regions[0].Region != "eu" {
		t.Fatalf("%s: %v", body, err)
	}
	req, err := http.NewRequest(http.MethodGet, list.Regions[0].Ping, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r := do(t, req); r.status != http.StatusNoContent || r.body != "" || r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%+v", r)
	}
}

// A page goes to the node that its room is at: the page's policy and that node have to let
// it, whichever of them served the page.
func TestThePagesOfAClusterReachAllItsNodes(t *testing.T) {
	n := newTestNode(t, config{publicURL: "https://eu.example"})
	site, err := newPublic(n)
	if err != nil {
		t.Fatal(err)
	}
	policy := func() string { return ask(site, http.MethodGet, "/").Header().Get("Content-Security-Policy") }
	socket := httptest.NewRequest(http.MethodGet, "http://eu.example/v1/rooms/r/ws", nil)
	socket.Header.Set("Origin", "https://us.example")
	if n.allowedOrigins().allowSocket(socket, true) || strings.Contains(policy(), "us.example") {
		t.Error("a node that nobody knows is trusted")
	}
	n.cluster.set([]directory.Node{{ID: "b", Address: "https://us.example:8443/x"}, {ID: "c", Address: "https://us.example"}, {ID: "d", Address: "https://e;script-src"}}, time.Now())
	if !n.allowedOrigins().allowSocket(socket, true) {
		t.Error("a page of another node is refused")
	}
	want := "connect-src 'self' https://eu.example wss://eu.example https://us.example:8443 wss://us.example:8443 https://us.example wss://us.example;"
	if got := policy(); !strings.Contains(got, want) || strings.Count(got, "script-src") != 1 {
		t.Errorf("%q does not say %q", got, want)
	}
	n.cfg.origins = []string{"https://studio.example"}
	if n.allowedOrigins().allowSocket(socket, true) {
		t.Error("-origins is a list of some, and not all")
	}
}
