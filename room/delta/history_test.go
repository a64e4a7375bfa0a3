package delta

import (
	"fmt"
	"testing"
)

// shared counts the parts with rows of the newest moment that have the memory of the one
// before.
func (s *Stream) shared() (n int) {
	for part, t := range s.at(0).parts {
		if len(t.ids) > 0 && t == s.at(1).parts[part] {
			n++
		}
	}
	return n
}

// A world that falls asleep and wakes, with readers of all patience: whatever moments share
// their memory, every path through the stream ends in the published state.
func TestWhatSleepsTakesOneCopyAndWakesRight(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, seed, 3, 2+int(seed*7))
			readers := []*reader{newReader(w), newReader(w), newReader(w)}
			asleep, awake := 0, 0
			for n := range 1000 {
				// Values come to rest; then a part is still.
				w.asleep = n%500 > 60
				w.step()
				for i, rd := range readers {
					if w.rnd.IntN(1+4*i) > 0 {
						continue
					}
					if err := rd.apply(rd.make(0.05, 0, 0)); err != nil {
						t.Fatalf("reader %d, send tick %d: %v", i, n, err)
					}
				}
				for _, g := range w.groups {
					if n%500 > 480 {
						asleep += g.stream.shared()
					} else if n%500 < 60 {
						awake += g.stream.shared()
					}
				}
			}
			if asleep < 60 || asleep < awake {
				t.Errorf("%d parts shared their memory when asleep, %d when awake", asleep, awake)
			}
		})
	}
}

// Memory that is used again must not belong to a moment that is still in the history.
func TestNoMomentLosesItsMemoryToAnother(t *testing.T) {
	w := newWorld(t, 9, 2, 12)
	for n := range 900 {
		w.asleep = n%300 > 20
		w.step()
		for _, g := range w.groups {
			for part := range w.parts {
				if spare := g.stream.tables[part].spare; spare != nil && g.stream.copies(part)[spare] {
					t.Fatalf("send tick %d: memory of part %d is spare and in use", n, part)
				}
			}
		}
	}
}

// copies lists the copies of a part that the moments of a stream have.
func (s *Stream) copies(part int) map[*rows]bool {
	all := map[*rows]bool{}
	for i := range s.ring {
		if t := s.ring[i].parts[part]; t != nil {
			all[t] = true
		}
	}
	return all
}

// historyBytes is what the states of a stream's moments take.
func (s *Stream) historyBytes() (n int) {
	for part := range s.parts {
		for t := range s.copies(part) {
			n += 4 * (len(t.words) + cap(t.ids))
		}
	}
	return n
}

// BenchmarkHistory is a send tick of 1,000 ships that move, or have long been at rest, and
// what each of them takes in a history of 33 moments.
func BenchmarkHistory(b *testing.B) {
	for _, asleep := range []bool{false, true} {
		b.Run(map[bool]string{false: "moving", true: "asleep"}[asleep], func(b *testing.B) {
			f := newFleet(1000)
			f.asleep = asleep
			for range 600 {
				f.step()
			}
			b.ReportAllocs()
			for b.Loop() {
				f.step()
			}
			b.ReportMetric(float64(f.stream.historyBytes())/1000, "B/row")
		})
	}
}
