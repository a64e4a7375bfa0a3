package results

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/roomtick/roomtick/room"
)

const (
	// saveFirst and saveMost are how long to wait before a store is asked again.
	saveFirst = 100 * time.Millisecond
	saveMost  = 5 * time.Second

	// maxSaving bounds the results that wait for a store that fails. Beyond it they are
	// lost, and their players know that they were not saved.
	maxSaving = 4096
)

// Config is what a Service is made of.
type Config struct {
	Store     Store
	Receivers []Receiver // all of them must accept a result
	Log       *slog.Logger

	fault func(step string) // told of every step on the way of a result; for tests
}

// Service takes the results of rooms, stores them, and gets them to their receivers.
type Service struct {
	// Set once by New; safe from any goroutine.
	store    Store
	log      *slog.Logger
	ledger   *ledger
	couriers []*courier
	stats    stats
	fault    func(step string)
	ctx      context.Context // ends with Close
	stop     context.CancelFunc

	running sync.WaitGroup // couriers, and results that are being saved

	mu     sync.Mutex // guards the following
	saving int
	closed bool
}

// New starts a service. Close ends it.
func New(cfg Config) *Service {
	s := &Service{store: cfg.Store, log: cfg.Log, ledger: newLedger(cfg.Store, len(cfg.Receivers)), fault: cfg.fault}
	if s.fault == nil {
		s.fault = func(string) {}
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.stats.attempts = make([][verdicts]atomic.Int64, len(cfg.Receivers))
	for i, to := range cfg.Receivers {
		c := &courier{
			to: to, number: i, store: s.store, ledger: s.ledger, log: s.log, stats: &s.stats, fault: s.fault,
			wake: make(chan struct{}, 1),
		}
		s.couriers = append(s.couriers, c)
		s.running.Go(func() { c.run(s.ctx) })
	}
	return s
}

// Take stores how a match ended, and returns at once: the channel is closed when the
// result is safe in the store, and never if that fails for good. It is a room's
// Config.Finished.
func (s *Service) Take(o room.Outcome) (saved <-chan struct{}) {
	r := newResult(o, time.Now())
	done := make(chan struct{})
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.saving >= maxSaving {
		s.stats.lost.Add(1)
		s.log.Error("a result is lost: too many wait for the store", "result", r.ID, "game", r.Game)
		return done
	}
	s.saving++
	s.running.Go(func() {
		defer s.endSaving()
		s.save(&r, done)
	})
	return done
}

func (s *Service) endSaving() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saving--
}

// save appends a result, however long that takes.
func (s *Service) save(r *Result, done chan<- struct{}) {
	body, err := json.Marshal(r)
	if err != nil { // the game's part was marshalled before
		s.stats.lost.Add(1)
		s.log.Error("a result is lost", "result", r.ID, "cause", err)
		return
	}
	s.fault("finished")
	for wait := saveFirst; ; wait = min(2*wait, saveMost) {
		err := s.store.Append(s.ctx, Owner{Room: r.Room, Epoch: r.Epoch}, r.ID, body)
		if err == nil {
			break
		}
		s.stats.unsaved.Add(1)
		if errors.Is(err, ErrFenced) {
			s.stats.lost.Add(1)
			s.log.Warn("a result is not kept: another node has taken the room over", "result", r.ID, "epoch", r.Epoch)
			return
		}
		if s.ctx.Err() != nil || errors.Is(err, ErrClosed) {
			s.stats.lost.Add(1)
			s.log.Error("a result is lost: the process ends before the store has it", "result", r.ID, "cause", err)
			return
		}
		s.log.Error("a result is not saved yet", "result", r.ID, "cause", err)
		select {
		case <-time.After(wait):
		case <-s.ctx.Done():
		}
	}
	s.stats.saved.Add(1)
	s.fault("saved")
	close(done)
	for _, c := range s.couriers {
		select {
		case c.wake <- struct{}{}:
		default: // it has been called already
		}
	}
}

// Waiting is a result that is stored and not accepted by all receivers.
type Waiting struct {
	ID       string    `json:"id"`
	Room     string    `json:"room"`
	Game     string    `json:"game"`
	Since    time.Time `json:"since"`
	Bytes    int       `json:"bytes"`
	Attempts int       `json:"attempts"`
	Error    string    `json:"error,omitempty"` // of the last attempt
	Seq      uint64    `json:"seq"`
}

// Waiting lists up to limit results with a higher Seq than after, the oldest first.
func (s *Service) Waiting(ctx context.Context, after uint64, limit int) ([]Waiting, error) {
	entries, err := s.store.List(ctx, after, limit)
	if err != nil {
		return nil, err
	}
	list := make([]Waiting, 0, len(entries))
	for _, e := range entries {
		body, err := s.store.Load(ctx, e.ID)
		if errors.Is(err, ErrGone) {
			continue
		}
		var r Result
		if err == nil {
			err = json.Unmarshal(body, &r)
		}
		if err != nil {
			return nil, err
		}
		w := Waiting{ID: e.ID, Room: r.Room, Game: r.Game, Since: e.Since, Bytes: e.Bytes, Seq: e.Seq}
		if attempts, err := s.ledger.troubles(e.ID); err != nil {
			w.Attempts, w.Error = attempts, err.Error()
		}
		list = append(list, w)
	}
	return list, nil
}

// Load returns a result that waits, or ErrGone.
func (s *Service) Load(ctx context.Context, id string) ([]byte, error) { return s.store.Load(ctx, id) }

// Drop gives a result up that nobody accepts. ErrGone if it does not wait.
func (s *Service) Drop(ctx context.Context, id string) error {
	if _, err := s.store.Load(ctx, id); err != nil {
		return err
	}
	if err := s.store.Done(ctx, id); err != nil {
		return err
	}
	s.ledger.forget(id)
	s.log.Warn("a result was dropped by hand", "result", id)
	return nil
}

// Flush waits until nothing waits any more, or ctx ends.
func (s *Service) Flush(ctx context.Context) {
	const often = 20 * time.Millisecond
	tick := time.NewTicker(often)
	defer tick.Stop()
	for len(s.couriers) > 0 {
		if n, _, err := s.store.Count(ctx); err == nil && n == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Close ends deliveries and closes the store. It returns how many results still wait.
func (s *Service) Close() (waiting int, err error) {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.running.Wait()
	for _, c := range s.couriers {
		if w, ok := c.to.(*Webhook); ok {
			w.Close()
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), countTimeout)
	defer cancel()
	waiting, _, err = s.store.Count(ctx)
	return waiting, errors.Join(err, s.store.Close())
}
