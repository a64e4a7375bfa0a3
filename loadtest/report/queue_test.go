package report

import "testing"

func TestFiguresOfAQueueAreKnownOnlyIfBotsQueued(t *testing.T) {
	queued := &Report{Queue: &Queue{Matched: 7, WaitMS: Quantiles{P50: 300, P99: 4000, N: 7}, Fairness: Spread{P50: 0.4, N: 3}}}
	for text, holds := range map[string]bool{
		"wait.p50<0.4s": true, "wait.p99<4s": false, "matched>=7": true, "fairness>0.45": false, "fairness>0.3": true,
	} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Fatal(err)
		}
		if a := c.Check(queued); a.Holds != holds {
			t.Errorf("%s: %+v, want %v", text, a, holds)
		}
		if a := c.Check(&Report{}); a.Holds {
			t.Errorf("%s holds where nobody queued", text)
		}
	}
}
