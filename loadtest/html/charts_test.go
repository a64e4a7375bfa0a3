package html

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestTheTreemapsAreasAreTheSizesAndDoNotOverlap(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for range 200 {
		sizes := make([]float64, 1+rng.IntN(30))
		sum := 0.0
		for i := range sizes {
			sizes[i] = 1 + rng.Float64()*rng.Float64()*1000
			sum += sizes[i]
		}
		slices.SortFunc(sizes, func(a, b float64) int { return int(b - a) })
		in := rect{3, 7, 900, 300}
		boxes := squarify(sizes, in)
		for i, b := range boxes {
			if want := sizes[i] / sum * in.w * in.h; math.Abs(b.w*b.h-want) > 1e-6*want {
				t.Fatalf("seed 5: area %v, want %v", b.w*b.h, want)
			}
			if b.x < in.x-1e-6 || b.y < in.y-1e-6 || b.x+b.w > in.x+in.w+1e-6 || b.y+b.h > in.y+in.h+1e-6 {
				t.Fatalf("seed 5: %+v is outside of %+v", b, in)
			}
			for _, o := range boxes[:i] {
				if min(b.x+b.w, o.x+o.w)-max(b.x, o.x) > 1e-6 && min(b.y+b.h, o.y+o.h)-max(b.y, o.y) > 1e-6 {
					t.Fatalf("seed 5: %+v and %+v overlap", b, o)
				}
			}
		}
	}
}

func TestEqualSizesBecomeSquares(t *testing.T) {
	for _, b := range squarify([]float64{1, 1, 1, 1}, rect{0, 0, 100, 100}) {
		if b.w != 50 || b.h != 50 {
			t.Errorf("%+v", b)
		}
	}
}

func TestTheTreemapShowsAllBytesOnce(t *testing.T) {
	r := sample(10)
	m := treemapOf(r)
	var bits float64
	for _, g := range m.Groups {
		for _, c := range g.Cells {
			bits += c.bits
		}
	}
	// The bits of the tables and of the overhead, and 8 times the bytes of the frames
	// that are no deltas.
	if want := 400_000 + 380_000 + 300_000 + 20_000 + 900 + 390_000 + 190_000 + 110_000 + 8*29_000.0; bits != want {
		t.Errorf("%v bits, want %v", bits, want)
	}
	if m.Groups[0].Name != "ships" || m.Groups[0].Cells[0].Name != "x" || m.Groups[0].Cells[0].Share != "19.8%" {
		t.Errorf("the first is %+v", m.Groups[0])
	}
	if got := m.Groups[0].Cells[0].Rate; got != "5 B/s" { // 50,000 B over 10,000 bot seconds
		t.Errorf("rate %s", got)
	}
}

func TestEachNineTakesTheSameRoom(t *testing.T) {
	for percentile, want := range map[float64]float64{0: 0, 90: 250, 99: 500, 99.9: 750, 99.99: 1000, 100: 1000} {
		if got := curveX(percentile, 4, 4); math.Abs(got-want) > 1e-6 {
			t.Errorf("%v %% stands at %v, want %v", percentile, got, want)
		}
	}
}

func TestAnAxisFitsItsValuesAndTurnsLogarithmicForPeaks(t *testing.T) {
	flat := newAxis([]float64{40, 50, math.NaN(), 60}, 0, 0, 100)
	if flat.log || flat.y(0) != 100 || flat.y(60) < 0 || flat.y(60) > 10 {
		t.Errorf("%+v", flat)
	}
	peak := newAxis([]float64{40, 40, 40, 2000}, 0, 0, 100)
	if !peak.log || peak.y(10) != 100 || peak.y(2000) < 0 || peak.y(2000) > 10 || peak.y(0) != 100 {
		t.Errorf("%+v: %v, %v", peak, peak.y(10), peak.y(2000))
	}
	if labels := peak.ticks(3, short); len(labels) != 3 || labels[2].Label != "1000" {
		t.Errorf("%+v", labels)
	}
	if empty := newAxis(nil, 0, 0, 100); math.IsNaN(empty.y(0)) {
		t.Errorf("%+v", empty)
	}
}

func TestALineIsInterruptedWhereNothingIsKnown(t *testing.T) {
	nan := math.NaN()
	got := line([]float64{0, 1, 2, 3, 4}, []float64{5, 6, nan, 7, nan})
	if want := "M0 5L1 6M3 7h1"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestNumbersAreShort(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.1234: "0.123", 1.5: "1.5", 12.34: "12.3", 1234: "1234", 12_345: "12.3k", 2e6: "2M", 0.5: "0.5", 100.4: "100",
	} {
		if got := short(v); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
	if got := strings.Join([]string{moment(5), moment(60), moment(90)}, " "); got != "5s 1m 1m30s" {
		t.Error(got)
	}
	if got := niceStep(0.3) + niceStep(3) + niceStep(60); got != 0.5+5+100 {
		t.Errorf("steps add up to %v", got)
	}
}
