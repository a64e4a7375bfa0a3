package room

import (
	"context"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

// saveTimeout is how long the players of a finished match are kept waiting for its result
// to be stored. A store that takes longer is full or away; it may still get the result
// later, but nobody here can promise that.
const saveTimeout = 10 * time.Second

// unsaved is what players are told whose match ended without that promise.
const unsaved = "The match is over, but its result could not be saved yet."

// Outcome is how a match ended that its game gave a result.
type Outcome struct {
	Room    string
	Game    string
	Epoch   uint64
	Tick    uint32   // the last one
	Players []Player // seated at the end, present or away, in seat order
	Result  []byte   // JSON; nil if Err
	Err     error    // why the game's result could not be kept
}

// Player is a player as an Outcome tells of it.
type Player struct {
	sim.PlayerInfo
	Team   uint32
	InTeam bool
}

// finish hands the result over, once.
func (r *Room) finish() {
	if r.finished || !r.sim.Finished() {
		return
	}
	r.finished = true
	o := Outcome{
		Room: r.cfg.ID, Game: r.cfg.Game.Name(), Epoch: r.cfg.Epoch, Tick: r.sim.Tick(), Players: r.lineUp(),
	}
	o.Result, o.Err = r.sim.Result()
	r.log.Info("match finished", "tick", o.Tick, "players", len(o.Players), "bytes", len(o.Result))
	if o.Err != nil {
		r.log.Error("the match ends without the game's result", "cause", o.Err)
	}
	if r.cfg.Finished != nil {
		r.saved = r.cfg.Finished(o)
	}
}

// lineUp is who is seated.
func (r *Room) lineUp() []Player {
	var list []Player
	for p := range r.sim.World().Players() {
		team, in := p.Team()
		list = append(list, Player{
			PlayerInfo: sim.PlayerInfo{Seat: p.Seat, ID: p.ID, Name: p.Name, Bot: p.Bot},
			Team:       team, InTeam: in,
		})
	}
	return list
}

// settle keeps the room from saying goodbye until the result is stored. There are no
// ticks any more; what is left of frames goes out, and whoever asks for something is told
// that the room has ended.
func (r *Room) settle(ctx context.Context) {
	r.finish() // a hook may have called Finish since the last tick
	if r.saved == nil {
		return
	}
	limit := time.NewTimer(saveTimeout)
	defer limit.Stop()
	rest := time.NewTicker(restEvery)
	defer rest.Stop()
	for {
		select {
		case <-r.saved:
			return
		case now := <-rest.C:
			r.unsent = r.cfg.Beat(now)
		case req := <-r.mailbox:
			req.refuse()
		case <-limit.C:
			r.giveUp("took too long")
			return
		case <-ctx.Done():
			r.giveUp(context.Cause(ctx).Error())
			return
		}
	}
}

// giveUp ends the room without a word on the result being safe.
func (r *Room) giveUp(cause string) {
	r.ending, r.reason = schema.CloseRoomFailed, unsaved
	r.log.Error("players were not told that the result is saved", "cause", cause)
}
