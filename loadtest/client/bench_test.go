package client

import (
	"fmt"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
	"github.com/roomtick/roomtick/sim/arena"
)

// recordArena returns the frames that seat 0 of an arena of computer players is sent,
// a welcome first.
func recordArena(b *testing.B, ships, ticks int) [][]byte {
	b.Helper()
	game, err := arena.Game.New(1, nil)
	if err != nil {
		b.Fatal(err)
	}
	for i := range ships {
		game.Join(sim.PlayerInfo{Seat: sim.Seat(i), Name: fmt.Sprintf("bot %d", i), Bot: true})
	}
	parts := arena.Game.Parts()
	world, own := delta.NewStream(parts, 0, 0, 4), delta.NewStream(parts, 1, 3, 4)
	builder := schema.NewBuilder(4096)
	var prologue delta.Prologue
	var frames [][]byte
	for tick := range ticks {
		game.Step()
		publish(game, world, 0, ships)
		publish(game, own, 1, 1)
		prologue.Reset(parts)
		prologue.Add(world)
		prologue.Add(own)
		f := schema.ServerFrame{HasSnapshot: true, Snapshot: schema.SnapshotHead{Tick: game.Tick(), Flags: schema.HeadPrologue}}
		f.Deltas = append(f.Deltas, prologue.Finish()...)
		if tick == 0 {
			f.Snapshot.Flags |= schema.HeadReset
			f.Welcome = &schema.Welcome{TickRate: 20, SendEvery: 1, Descriptor: arena.Game.Descriptor()}
			f.Deltas = append(append(f.Deltas, world.Keyframe()...), own.Keyframe()...)
		} else {
			f.Deltas = append(append(f.Deltas, world.Delta(1, &prologue)...), own.Delta(1, &prologue)...)
		}
		frames = append(frames, append([]byte(nil), builder.ServerFrame(&f)...))
	}
	return frames
}

// publish puts the rows of one part of the first so many slots into a stream.
func publish(game *sim.Instance, s *delta.Stream, part, rows int) {
	store := game.Store(0)
	slots := make([]uint32, rows)
	for i := range slots {
		slots[i] = uint32(i)
	}
	s.Begin()
	for i := s.Rows(part); i < rows; i++ {
		s.Enter(part, uint32(store.At(uint32(i)).ID))
	}
	columns := arena.Game.Parts()[part].Columns
	for c := range columns {
		targets := s.Targets(part, c)
		if !columns[c].String {
			store.Sample(part == 1, c, slots, targets)
			continue
		}
		for row := range targets {
			targets[row] = s.Intern(targets[row], store.Text(false, c, slots[row]))
		}
	}
	s.Commit()
}

// BenchmarkBot is all that a bot does for a snapshot but the socket: parse, decode,
// count, hash once a second, decide.
func BenchmarkBot(b *testing.B) {
	for _, ships := range []int{50, 100} {
		frames := recordArena(b, ships, 400)
		for _, play := range []Play{PlayIdle, PlayWander, PlayBrain} {
			b.Run(fmt.Sprintf("%s/ships=%d", play, ships), func(b *testing.B) {
				b.ReportAllocs()
				opts := Options{Play: play, Definition: arena.Game, ThinkEvery: 1, Witness: NewWitness()}
				var bot *Bot
				at := len(frames)
				for b.Loop() {
					if at == len(frames) {
						bot, at = newBot(opts), 0
					}
					if err := bot.view.take(time.Duration(at), websocket.MessageBinary, frames[at]); err != nil {
						b.Fatal(err)
					}
					at++
				}
			})
		}
	}
}
