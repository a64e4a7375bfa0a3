package swarm

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// nodes are admin URLs of servers that have sent so many frames, as -admin has them.
func nodes(t *testing.T, frames ...int) string {
	t.Helper()
	var list []string
	for _, n := range frames {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, "%s 1\n%s %d\n%s_bucket{le=\"0.001\"} %d\n", metricSkipped, metricFrames, n, metricTick, n/10)
		}))
		t.Cleanup(s.Close)
		list = append(list, s.URL)
	}
	return strings.Join(list, ", ") + "/"
}

func TestTheMetricsOfAClusterAreThoseOfItsNodesTogether(t *testing.T) {
	s := newScraper(http.DefaultClient, nodes(t, 100, 20, 300))
	s.look(t.Context())
	if err := s.trouble(); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]float64{metricSkipped: 3, metricFrames: 420, metricTick + `_bucket{le="0.001"}`: 42} {
		if got := s.newest.values[key]; got != want {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
}

func TestANodeThatDoesNotAnswerLeavesTheClusterUnknown(t *testing.T) {
	s := newScraper(http.DefaultClient, nodes(t, 100)+","+"http://127.0.0.1:1")
	s.look(t.Context())
	if err := s.trouble(); err == nil || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("half a cluster is taken for all of it: %v", err)
	}
}
