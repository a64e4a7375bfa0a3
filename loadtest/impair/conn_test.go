package impair

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// pair returns an impaired end and the real other end of a conn in memory. Only inside
// a synctest bubble.
func pair(t *testing.T, p Profile) (bad, far net.Conn) {
	t.Helper()
	near, far := net.Pipe()
	bad = Conn(near, p, 1)
	t.Cleanup(func() {
		_ = far.Close()
		_ = bad.Close()
		bad.(*impaired).ended.Wait() // a bubble's clock stands still once its test is over
	})
	return bad, far
}

func TestBytesArriveEqualAndInOrderBothWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := Profile{RTT: 80 * time.Millisecond, Jitter: 200 * time.Millisecond, Stall: 0.1, Bandwidth: 8e6}
		bad, far := pair(t, p)
		for _, way := range []struct{ from, to net.Conn }{{bad, far}, {far, bad}} {
			rng := rand.New(rand.NewPCG(4, 4))
			sent := make([]byte, 300_000)
			for i := range sent {
				sent[i] = byte(rng.Uint32())
			}
			go func() {
				for rest := sent; len(rest) > 0; {
					time.Sleep(time.Duration(rng.IntN(int(20 * time.Millisecond))))
					n := min(len(rest), 1+rng.IntN(5000))
					if _, err := way.from.Write(rest[:n]); err != nil {
						t.Error(err)
						return
					}
					rest = rest[n:]
				}
			}()
			got := make([]byte, len(sent))
			if _, err := io.ReadFull(way.to, got); err != nil || !bytes.Equal(got, sent) {
				t.Fatalf("seed 4: what was sent did not arrive: %v", err)
			}
		}
	})
}

func TestARoundTripTakesAtLeastTheRTT(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad, far := pair(t, Profile{RTT: 80 * time.Millisecond})
		go func() { _, _ = io.Copy(far, far) }()
		began := time.Now()
		if _, err := bad.Write([]byte("ping")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(bad, make([]byte, 4)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 80*time.Millisecond {
			t.Errorf("%v, want 80 ms", took)
		}
	})
}

func TestAWriteBlocksWhileTheLineIsFullAndTheAverageIsItsBandwidth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad, far := pair(t, Profile{Bandwidth: 800_000})
		done := make(chan time.Duration)
		began := time.Now()
		go func() {
			_, _ = io.CopyN(io.Discard, far, 1_000_000)
			done <- time.Since(began)
		}()
		if _, err := bad.Write(make([]byte, 1_000_000)); err != nil {
			t.Fatal(err)
		}
		written := time.Since(began)
		if least := time.Duration(1_000_000-queueBytes-segmentBytes) * 10 * time.Microsecond; written < least {
			t.Errorf("1 MB was accepted within %v: the queue holds more than its %d B", written, queueBytes)
		}
		if took := <-done; took < 9999*time.Millisecond || took > 10001*time.Millisecond {
			t.Errorf("1 MB at 800 kbit/s took %v, want 10 s", took)
		}
	})
}

func TestAReaderThatStopsHoldsUpItsPeerAtTheBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, far := pair(t, Profile{RTT: time.Millisecond})
		_ = far.SetWriteDeadline(time.Now().Add(time.Minute))
		n, err := far.Write(make([]byte, 1<<20))
		if !errors.Is(err, os.ErrDeadlineExceeded) || n < queueBytes || n > queueBytes+pumpBytes {
			t.Errorf("%d B were taken from a peer whose reader sleeps, want about %d: %v", n, queueBytes, err)
		}
	})
}

func TestABlackoutHoldsEverythingAndLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad, far := pair(t, Profile{Blackout: 10 * time.Second, BlackoutAt: time.Second})
		began := time.Now()
		go func() {
			for i := range 200 {
				time.Sleep(100 * time.Millisecond)
				_, _ = bad.Write([]byte{byte(i)})
			}
		}()
		one, last, longest := make([]byte, 1), began, time.Duration(0)
		for i := range 200 {
			if _, err := io.ReadFull(far, one); err != nil || one[0] != byte(i) {
				t.Fatalf("byte %d: %v, %v", i, one, err)
			}
			longest, last = max(longest, time.Since(last)), time.Now()
		}
		if longest < 10*time.Second || longest > 10100*time.Millisecond {
			t.Errorf("the longest silence was %v, want 10 s", longest)
		}
	})
}

func TestDeadlinesAreKeptAndCanBeMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad, far := pair(t, Profile{RTT: 10 * time.Second})
		go func() { _, _ = far.Write([]byte("late")) }()
		began := time.Now()
		_ = bad.SetReadDeadline(began.Add(time.Second))
		if _, err := bad.Read(make([]byte, 4)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("%v after %v, want the deadline after 1 s", err, time.Since(began))
		}
		_ = bad.SetReadDeadline(time.Time{})
		if n, err := bad.Read(make([]byte, 4)); n != 4 || time.Since(began) != 5*time.Second {
			t.Errorf("%d B, %v after %v, want 4 B after 5 s", n, err, time.Since(began))
		}
	})
}

func TestCloseUnblocksAndStillDeliversWhatWasWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad, far := pair(t, Profile{RTT: 2 * time.Second})
		unblocked := make(chan error)
		go func() {
			_, err := bad.Read(make([]byte, 1))
			unblocked <- err
		}()
		if _, err := bad.Write([]byte("goodbye")); err != nil {
			t.Fatal(err)
		}
		_ = bad.Close()
		if err := <-unblocked; !errors.Is(err, net.ErrClosed) {
			t.Errorf("a read of a closed conn: %v", err)
		}
		if _, err := bad.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a write to a closed conn: %v", err)
		}
		began := time.Now()
		got, err := io.ReadAll(far)
		if string(got) != "goodbye" || err != nil || time.Since(began) != time.Second {
			t.Errorf("the peer read %q, %v, after %v; want goodbye after 1 s", got, err, time.Since(began))
		}
	})
}

func TestAClosedConnWhosePeerDoesNotReadGoesAwayAtLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, _ := net.Pipe()
		bad := newConn(near, func() *regime { return &regime{} }, 1, 0)
		_, _ = bad.Write([]byte("nobody reads this"))
		_ = bad.Close()
		began := time.Now()
		bad.ended.Wait()
		if took := time.Since(began); took != linger {
			t.Errorf("gone after %v, want %v", took, linger)
		}
	})
}

func TestTheEndOfThePeerArrivesBehindItsBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad, far := pair(t, Profile{RTT: 2 * time.Second})
		go func() {
			_, _ = far.Write([]byte("all"))
			_ = far.Close()
		}()
		began := time.Now()
		got, err := io.ReadAll(bad)
		if string(got) != "all" || err != nil || time.Since(began) != time.Second {
			t.Errorf("%q, %v, after %v", got, err, time.Since(began))
		}
	})
}
