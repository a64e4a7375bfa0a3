package swarm

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/loadtest/report"
	"github.com/roomtick/roomtick/sim"
)

// threes is a queue of two teams of three, and its ledger.
func threes() *queueing {
	rules := sim.Queue{Name: "ranked", Teams: 2, TeamSize: 3, Backfill: true}.WithDefaults()
	return &queueing{name: "ranked", rules: &rules, skill: normal{true, 1500, 300}}
}

// partyOf is a crew that the ledger takes for one of so many.
func partyOf(size int, skill float64) *crew {
	return &crew{last: size - 1, skill: &client.Skill{Mu: skill}}
}

func matchedTo(room string, team int, fairness float64) *client.TicketView {
	return &client.TicketView{State: client.TicketMatched, Team: team, Fairness: &fairness, Reservation: client.Reservation{Room: room}}
}

func TestTheLedgerFindsMatchesThatAreNotAsTheQueueSays(t *testing.T) {
	type ticket struct {
		size, team int
		fairness   float64
	}
	for _, c := range []struct {
		name    string
		tickets []ticket
		want    string
	}{
		{"two full teams", []ticket{{3, 1, 0.5}, {2, 2, 0.5}, {1, 2, 0.5}}, ""},
		{"and two who fill it up", []ticket{{3, 1, 0.5}, {3, 2, 0.5}, {2, 2, 0}}, ""},
		{"one too few", []ticket{{3, 1, 0.5}, {2, 2, 0.5}}, "with 2 in team 2 and 3 in another"},
		{"one team only", []ticket{{3, 1, 0.5}}, "with 0 in team 2"},
		{"teams too large", []ticket{{4, 1, 0.5}, {4, 2, 0.5}}, "teams of 4; the queue has 3 to 3"},
		{"teams too small", []ticket{{2, 1, 0.5}, {2, 2, 0.5}}, "teams of 2; the queue has 3 to 3"},
		{"three teams", []ticket{{3, 1, 0.5}, {3, 2, 0.5}, {3, 3, 0.5}}, "with 3 teams of 2"},
		{"a team that is none filled up", []ticket{{3, 1, 0.5}, {3, 2, 0.5}, {1, 0, 0}}, "in team 0 of 2"},
	} {
		l := newLedger(threes())
		for _, k := range c.tickets {
			l.ended(partyOf(k.size, 1500), matchedTo("a", k.team, k.fairness), false)
		}
		got := strings.Join(l.wrong(), "\n")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		l.lost()
		if got := l.wrong(); got != nil {
			t.Errorf("%s: %q, though who the lost ticket was is not known", c.name, got)
		}
	}
}

func TestTheLedgerTellsWaitsBySkillAndHowTicketsEnded(t *testing.T) {
	l := newLedger(threes())
	for _, skill := range []float64{700, 1300, 1500, 2500, 1799} {
		c := partyOf(1, skill)
		l.estimated(c, time.Now())
		l.waited(c, byEvents, 2*time.Second)
		l.ended(c, &client.TicketView{State: client.TicketExpired}, false)
	}
	l.ended(partyOf(1, 1), &client.TicketView{State: client.TicketCancelled}, false)
	l.ended(partyOf(1, 1), &client.TicketView{State: client.TicketCancelled}, true)
	l.answered(true)
	l.answered(false)
	r := l.report()
	if r.Tickets != 7 || r.Expired != 5 || r.Cancelled != 1 || r.Withdrawn != 1 || r.Accepted != 1 || r.Declined != 1 {
		t.Errorf("%+v", r)
	}
	var bands []string
	for _, b := range r.Bands {
		bands = append(bands, b.Skill)
	}
	if got := strings.Join(bands, ", "); got != "below 1200, 1200 to 1500, 1500 to 1800, from 1800" {
		t.Errorf("bands %s", got)
	}
	if r.WaitMS.N != 5 || r.EstimateMS.N != 5 || r.Bands[2].WaitMS.N != 2 {
		t.Errorf("%d waits, %d estimates, %d in the third band", r.WaitMS.N, r.EstimateMS.N, r.Bands[2].WaitMS.N)
	}
	if all := text(&report.Report{Queue: r}); !strings.Contains(all, "7 tickets: 0 matched, 1 cancelled, 5 expired, 1 withdrawn") || !strings.Contains(all, "told by events") {
		t.Errorf("the text says\n%s", all)
	}
}

func TestAPartyThatIsSplitFailsTheRun(t *testing.T) {
	for name, c := range map[string]struct {
		second *client.TicketView
		faults int64
	}{
		"together":     {matchedTo("a", 1, 0.5), 0},
		"other teams":  {matchedTo("a", 2, 0.5), 1},
		"other rooms":  {matchedTo("b", 1, 0.5), 1},
		"one left out": {&client.TicketView{State: client.TicketExpired}, 1},
	} {
		s := newSwarm(parsed(t, "-game", "arena", "-queue", "ranked", "-party", "2:1", "-bots", "2"))
		r := &round{crew: s.crews.of[0], members: []*slot{newSlot(s, 0), newSlot(s, 1)}}
		r.settle(context.Background(), []client.TicketView{*matchedTo("a", 1, 0.5), *c.second})
		if got := s.crews.ledger.broken(); got != c.faults {
			t.Errorf("%s: %d faults, want %d", name, got, c.faults)
		}
	}
}

func TestCrewsAreOfTheSizesThatWereAskedFor(t *testing.T) {
	s := newSwarm(parsed(t, "-game", "arena", "-queue", "ranked", "-party", "1:60,2:30,3:10", "-bots", "1000"))
	sizes := make(map[int]int)
	for n := 0; n < 1000; {
		c := s.crews.of[n]
		if c.first != n || s.crews.of[c.last] != c {
			t.Fatalf("slot %d is of the crew %d to %d", n, c.first, c.last)
		}
		sizes[c.last-c.first+1]++
		n = c.last + 1
	}
	if sizes[1] < sizes[2] || sizes[2] < sizes[3] || sizes[3] == 0 || len(sizes) != 3 {
		t.Errorf("crews by size: %v", sizes)
	}
}

func TestWhatAQueueCannotDoIsRefused(t *testing.T) {
	for args, want := range map[string]string{
		"-queue nosuch":                       "no queue \"nosuch\"; its queues are: duel ranked",
		"-queue duel -party 1:60,5:10":        "takes parties of 1, not of 5",
		"-queue duel -party many":             "write it like 1:60,2:30,5:10",
		"-queue duel -skill high":             "write it like normal(1500,300)",
		"-queue duel -decline 2":              "write it like 2%",
		"-queue duel -updates letters":        "use events, polls or half",
		"-queue duel -matches -1":             "as in -matches 3",
		"-queue duel -play-for 0s":            "as in -play-for 5s",
		"-queue duel -per-room 2":             "-per-room: a queue decides",
		"-queue duel -churn 5%/min":           "-churn: a queue decides",
		"-party 2:1":                          "-party: it is of bots in a queue",
		"-skill normal(1500,300) -decline 1%": "-decline: it is of bots in a queue",
	} {
		code, _, stderr := command(append(strings.Fields(args), "-url", closedPort(t), "-game", "arena")...)
		if code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%q: exit code %d, %q; want %q", args, code, stderr, want)
		}
	}
}

// Whatever the machine does, parties stay together, teams are full and nobody is in two
// matches: the bots look, and the server's own count of tickets is theirs.
func TestPartiesQueuePlayAndQueueAgain(t *testing.T) {
	f := launch(t, build(t, ".."), "-game", "arena", "-queue", "ranked", "-party", "1:50,2:30,3:20", "-bots", "24", "-ramp-over", "200ms",
		"-hold", "12s", "-play-for", "1s", "-skill", "normal(1500,50)", "-decline", "2%", "-updates", "half")
	r := f.land(t)
	q := r.Queue
	if q == nil || q.Matches < 4 || q.Matched <= int64(q.Matches) || q.WaitMS.N == 0 || q.Accepted == 0 || q.Fairness.P50 <= 0 {
		t.Fatalf("%+v", q)
	}
	if len(q.Ways) != 2 || q.Ways[0].Updates != byEvents || q.Ways[1].Updates != byPolls || q.Ways[0].WaitMS.N+q.Ways[1].WaitMS.N != q.WaitMS.N {
		t.Errorf("waits by way: %+v of %d", q.Ways, q.WaitMS.N)
	}
	if r.Totals.Faults["queue"] != 0 || r.Totals.NotIn != 0 {
		t.Errorf("%d faults of the queue, %d not let in: %q", r.Totals.Faults["queue"], r.Totals.NotIn, r.Verdict.Failures)
	}
	if q.Tickets != q.Matched+q.Cancelled+q.Expired+q.Withdrawn {
		t.Errorf("%d tickets came to %d, %d, %d and %d ends", q.Tickets, q.Matched, q.Cancelled, q.Expired, q.Withdrawn)
	}
	page := `roomtick_queue_tickets_total{end="%s",game="arena",queue="ranked"}`
	matched := f.server.metric(t, strings.Replace(page, "%s", "matched", 1))
	if q.Fills > 0 {
		matched += f.server.metric(t, strings.Replace(page, "%s", "filled", 1))
	}
	if matched != q.Matched {
		t.Errorf("%d tickets matched, the server counts %d", q.Matched, matched)
	}
}

func TestAfterItsMatchesABotStaysOutAndTheRunEnds(t *testing.T) {
	f := launch(t, build(t, ".."), "-game", "arena", "-queue", "duel", "-bots", "6", "-ramp-over", "100ms",
		"-hold", "50s", "-play-for", "500ms", "-matches", "2")
	r := f.land(t)
	if q := r.Queue; q == nil || q.Matched != 12 || q.Matches != 6 || q.Withdrawn != 0 {
		t.Fatalf("%+v", q)
	}
	if len(r.Timeline) > 40 {
		t.Errorf("the run took %d seconds", len(r.Timeline))
	}
}
