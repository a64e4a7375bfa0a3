// Package client is a headless player: it joins over HTTP, opens the socket, decodes
// every delta, acknowledges, hashes, plays and resumes, as a browser does. It is also
// a strict checker: whatever the server does wrong is counted under a name.
package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/roomtick/roomtick/sim"
)

// Play says where a bot's inputs come from.
type Play string

// The ways to play.
const (
	PlayBrain  Play = "brain"  // the game's own brain, on a mirror of what the bot sees
	PlayWander Play = "wander" // random inputs that the descriptor allows; any game
	PlayIdle   Play = "idle"   // none at all
	PlayScript Play = "script" // Options.Scenario
)

// Options say which seat a bot asks for and how it behaves. Only URL and Game are
// required.
type Options struct {
	URL  string // of the server, such as http://127.0.0.1:8080
	Game string // as registered at the server
	Name string // of the player; default "bot"

	// Room is the one to join; empty: the server picks. Create asks for a new one.
	Room   string
	Create bool

	// Reservation is the seat to take; nil: ask for one.
	Reservation *Reservation

	Play       Play            // default PlayIdle
	Definition *sim.Definition // whose brain plays; required by PlayBrain
	Scenario   Scenario        // required by PlayScript
	Script     string          // what faults call Scenario; default "the scenario"
	ThinkEvery int             // snapshots from one decision to the next; default five decisions a second
	Seed       uint64          // of PlayWander
	Phase      float64         // when within a tick inputs are sent, 0 to 1; spread it over a swarm

	Stall  Stall // a reader that freezes once
	Resume bool  // take the seat back when the conn ends and may be resumed

	JoinTimeout time.Duration // of one join, and of one resume; default 10 s
	HTTP        *http.Client  // for matchmaking; default http.DefaultClient
	Witness     *Witness      // compares hashes with other bots; nil: no comparison
	Dial        Dial          // opens the socket's conn; default a TCP conn
	HeadsOnly   bool          // read no deltas: for ceilings of the server; no brain plays then

	// Pacer and Meter may be shared by many bots; default one of the bot's own. A shared
	// pacer must run as long as the bot does.
	Pacer *Pacer
	Meter *Meter
}

// Dial opens a conn, as net.Dialer.DialContext does.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Stall makes a bot stop reading and sending once, as a frozen tab does.
type Stall struct {
	After time.Duration // since the first snapshot
	For   time.Duration // 0: never stalls
}

func (o Options) withDefaults() (Options, error) {
	if o.Name == "" {
		o.Name = "bot"
	}
	if o.Play == "" {
		o.Play = PlayIdle
	}
	if o.Script == "" {
		o.Script = "the scenario"
	}
	if o.JoinTimeout == 0 {
		o.JoinTimeout = 10 * time.Second
	}
	if o.HTTP == nil {
		o.HTTP = http.DefaultClient
	}
	if o.Dial == nil {
		o.Dial = new(net.Dialer).DialContext
	}
	if o.Meter == nil {
		o.Meter = NewMeter()
	}
	return o, o.Check()
}

// Check reports every problem at once.
func (o Options) Check() error {
	var errs []error
	if u, err := url.Parse(o.URL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		errs = append(errs, fmt.Errorf("url %q: use one like http://127.0.0.1:8080", o.URL))
	}
	if o.Game == "" {
		errs = append(errs, errors.New("game is empty: name a registered game"))
	}
	switch o.Play {
	case PlayIdle, PlayWander:
	case PlayBrain:
		if o.Definition == nil || !o.Definition.HasBrain() {
			errs = append(errs, fmt.Errorf("play brain: no brain is registered for %q; use wander", o.Game))
		}
		if o.HeadsOnly {
			errs = append(errs, errors.New("play brain: a brain needs what the deltas say; use wander or decode them"))
		}
	case PlayScript:
		if o.Scenario == nil {
			errs = append(errs, errors.New("play script: no scenario is given"))
		}
	default:
		errs = append(errs, fmt.Errorf("play %q: use brain, wander or idle", o.Play))
	}
	if o.Phase < 0 || o.Phase >= 1 {
		errs = append(errs, fmt.Errorf("phase %v: use 0 to below 1", o.Phase))
	}
	return errors.Join(errs...)
}
