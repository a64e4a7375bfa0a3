package arena

import (
	"encoding/json"
	"testing"

	"github.com/roomtick/roomtick/sim"
)

func TestMatchesOfAMinuteEndWithTheirScoresAndOthersDoNotEnd(t *testing.T) {
	for options, ticks := range map[string]uint32{`{"minutes":1,"rocks":10}`: 60 * tickRate, `{"rocks":10}`: 0} {
		g, err := Game.New(3, []byte(options))
		if err != nil {
			t.Fatal(err)
		}
		for i := range sim.Seat(4) {
			g.Join(sim.PlayerInfo{Seat: i, Name: "bot", Bot: true})
		}
		for g.Tick() < 61*tickRate && !g.Ended() {
			g.Step()
			arenaOf(g).pilots[2].points = 500 // whoever wins else
		}
		if ticks == 0 {
			if g.Ended() {
				t.Errorf("%s: ended at tick %d", options, g.Tick())
			}
			continue
		}
		var f final
		b, err := g.Result()
		if err != nil || json.Unmarshal(b, &f) != nil || g.Tick() != ticks {
			t.Fatalf("%s: at tick %d the result is %s, %v", options, g.Tick(), b, err)
		}
		if len(f.Scores) != 4 || f.Scores[0].Seat != 2 || f.Scores[0].Points < 500 || f.Scores[1].Points < f.Scores[3].Points || !f.Scores[0].Bot {
			t.Errorf("%s: %s", options, b)
		}
	}
	for _, options := range []string{`{"minutes":-1}`, `{"minutes":1441}`, `{"minutes":1.5}`} {
		if _, err := Game.New(1, []byte(options)); err == nil {
			t.Errorf("%s is accepted", options)
		}
	}
}
