package server

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/roomtick/roomtick/room"
)

func TestTheAdminTellsWhereTheBytesWent(t *testing.T) {
	s := startPool(t)
	p := s.join(t, "Ada")
	for range 120 { // rooms tell their costs once a second
		p.play(t)
	}
	if status, body := get(t, s.url+"/cost"); status != 404 {
		t.Errorf("the public listener answers %d: %s", status, body)
	}
	_, text := get(t, s.admin+"/cost")
	for _, want := range []string{"pool: ", " sent in frames; deltas ", "swimmers.laps", "(header)", "world"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	_, body := get(t, s.admin+"/cost?format=json")
	var games []room.Spending
	if err := json.Unmarshal([]byte(body), &games); err != nil {
		t.Fatal(err)
	}
	if len(games) != 1 || games[0].Game != "pool" || games[0].Frames == 0 || games[0].Deltas > games[0].Frames {
		t.Errorf("%+v", games)
	}
	_, metrics := get(t, s.admin+"/metrics")
	for _, want := range []string{
		`roomtick_field_bytes_total{counted="sent",field="laps",game="pool",table="swimmers"} `,
		`roomtick_group_bytes_total{counted="encoded",game="pool",kind="world"} `,
		`roomtick_delta_overhead_bytes_total{counted="sent",game="pool",kind="header"} `,
	} {
		if !strings.Contains(metrics, want) || strings.Contains(metrics, want+"0\n") {
			t.Errorf("no %q, or nothing counted", want)
		}
	}
}

func TestTheCostOfAGameIsATableForPeople(t *testing.T) {
	var w strings.Builder
	writeSpending(&w, &room.Spending{
		Game: "arena", Frames: 2e6, Deltas: 1.5e6, Events: 2e5, Envelopes: 3e5,
		Fields:   []room.FieldSpending{{Table: "ships", Field: "x", Made: 40_000, Sent: 1e6}, {Table: "ships", Field: "name"}},
		Overhead: []room.KindSpending{{Kind: "awake", Made: 10_000, Sent: 5e5}},
		Groups:   []room.KindSpending{{Kind: "cell", Made: 50_000, Sent: 1.5e6}},
		Hints:    []string{"ships.x at step 0.1 instead of 0.01 would save about 31 % of its bytes, 15 % of all"},
	})
	const want = `arena: 2.00 MB sent in frames; deltas 75.0 %, events 10.0 %, envelopes 15.0 %
            of all  sent      encoded
  ships.x   50.0 %  1.00 MB   40.0 KB
  (awake)   25.0 %  500.0 KB  10.0 KB
  by group                    
  cell      75.0 %  1.50 MB   50.0 KB
  ships.x at step 0.1 instead of 0.01 would save about 31 % of its bytes, 15 % of all
`
	if w.String() != want {
		t.Errorf("got\n%s\nwant\n%s", w.String(), want)
	}
}
