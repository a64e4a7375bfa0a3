package proc

import (
	"math"
	"os"
	"testing"
	"time"
)

func TestParseStatCountsFieldsFromTheEndOfTheName(t *testing.T) {
	line := "42 (a ) b (c)) S 1 42 42 0 -1 4194304 100 0 0 0 123 45 0 0 20 0 5 0 100 1000 200"
	got, err := parseStat([]byte(line))
	if err != nil || got != 1680*time.Millisecond {
		t.Errorf("got %v, %v; want 1.68s", got, err)
	}
}

func TestParseStatRefusesWhatIsNoStatLine(t *testing.T) {
	for _, line := range []string{"", "42 (a", "42 (a) S 1 2 3", "42 (a) S 1 42 42 0 -1 4194304 100 0 0 0 x 45 0"} {
		if _, err := parseStat([]byte(line)); err == nil {
			t.Errorf("%q was taken", line)
		}
	}
}

func TestCoresAreBusyWhenTheyAreNeitherIdleNorWaiting(t *testing.T) {
	got, err := parseCores([]byte("cpu  100 20 30 999999 8888 1 2 47 5 6"))
	if err != nil || got != 2*time.Second {
		t.Errorf("got %v, %v; want 2s", got, err)
	}
	for _, line := range []string{"", "cpu0 1 2 3 4 5 6 7 8", "cpu 1 2 x 4 5 6 7 8"} {
		if _, err := parseCores([]byte(line)); err == nil {
			t.Errorf("%q was taken", line)
		}
	}
}

func TestBothWaysToReadTheTimeOfAProcessAgree(t *testing.T) {
	pid := os.Getpid()
	stat, err := statCPU(pid)
	if err != nil {
		t.Skip("no /proc")
	}
	exact, err := CPU(pid)
	if err != nil || exact <= 0 {
		t.Fatalf("%v, %v", exact, err)
	}
	after, err := statCPU(pid)
	if err != nil {
		t.Fatal(err)
	}
	const slack = 2 * time.Second / ticksPerSecond // of the coarse one's two parts
	if exact < stat-slack || exact > after+slack {
		t.Errorf("the clock says %v, /proc %v and then %v", exact, stat, after)
	}
}

func TestThisProcessHasMemory(t *testing.T) {
	if _, err := os.Stat("/proc/self/statm"); err != nil {
		t.Skip("no /proc")
	}
	n, err := Memory(os.Getpid())
	if err != nil || n < 1<<20 {
		t.Errorf("%d bytes, %v", n, err)
	}
}

const page = `# HELP a of this
a_total 12
a_phase{phase="step"} 1.5e+00
late_bucket{le="0.001"} 10
late_bucket{le="0.002"} 30
late_bucket{le="+Inf"} 40
late_sum 3
a_phase_bucket{phase="step",le="0.1"} 4
a_phase_bucket{phase="feed",le="0.2"} 9
`

func TestMetricsAreReadByTheirFullNames(t *testing.T) {
	m, err := parseMetrics(page)
	if err != nil || m["a_total"] != 12 || m[`a_phase{phase="step"}`] != 1.5 {
		t.Errorf("%v, %v", m, err)
	}
	if _, err := parseMetrics("a_total twelve\n"); err == nil {
		t.Error("a word was taken for a number")
	}
	if since := m.Since(Metrics{"a_total": 5}); since["a_total"] != 7 {
		t.Errorf("since: %v", since)
	}
}

func TestQuantilesLieEvenlyInTheirBucket(t *testing.T) {
	m, err := parseMetrics(page)
	if err != nil {
		t.Fatal(err)
	}
	for q, want := range map[float64]float64{0.125: 0.0005, 0.5: 0.0015, 0.75: 0.002, 0.99: 0.002} {
		if got := m.Quantile("late", "", q); math.Abs(got-want) > 1e-9 {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if got := m.Quantile("a_phase", `phase="step",`, 0.5); math.Abs(got-0.05) > 1e-9 {
		t.Errorf("the median of one phase is %v, want 0.05", got)
	}
	if got := m.Quantile("nothing", "", 0.5); !math.IsNaN(got) {
		t.Errorf("quantile of nothing is %v", got)
	}
}
