package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/roomtick/roomtick/server/directory"
)

const (
	// answerQueue is where the directory keeps answers for all nodes.
	answerQueue = "answers"

	// servingLife is how long a node has for an answer, longer than it takes: if it dies,
	// the request may be served by another after that.
	servingLife = 5 * time.Second

	// lookAgain is how long to wait for the answer that another node is making.
	lookAgain = 50 * time.Millisecond
)

var errReused = errors.New("server: another request under the same key")

// answers is what requests were answered with, or that some node is about to, as the
// directory knows it.
type answers struct{ dir directory.Tickets }

// keptAnswer is what a request was answered with.
type keptAnswer struct {
	Request string      `json:"request"`          // its hash
	Status  int         `json:"status,omitempty"` // 0: it is being served
	Header  http.Header `json:"header,omitempty"`
	Body    []byte      `json:"body,omitempty"`
}

func (a *keptAnswer) write(w http.ResponseWriter) {
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // the client may be gone
}

// begin returns what a request was answered with, or the turn of the caller to answer it,
// once no other node is about to. The error is errReused if the key was another request's.
func (as answers) begin(ctx context.Context, rk requestKey, request string) (turn directory.Ticket, had *keptAnswer, err error) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%q\n%q\n%s\n%q", rk.addr, rk.player, rk.secret, rk.path, rk.key))
	turn = directory.Ticket{ID: "answer/" + hex.EncodeToString(sum[:]), Queue: answerQueue, For: servingLife}
	if turn.Body, err = json.Marshal(&keptAnswer{Request: request}); err != nil {
		return turn, nil, err
	}
	for {
		turn.Version, err = as.dir.Put(ctx, turn)
		if !errors.Is(err, directory.ErrConflict) {
			return turn, nil, err
		}
		turn.Version = 0
		t, err := as.dir.Ticket(ctx, turn.ID)
		if errors.Is(err, directory.ErrUnknownTicket) {
			continue // it has just been given up
		}
		a := new(keptAnswer)
		if err == nil {
			err = json.Unmarshal(t.Body, a)
		}
		switch {
		case err != nil:
			return turn, nil, err
		case a.Request != request:
			return turn, nil, errReused
		case a.Status != 0:
			return turn, a, nil
		}
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
			return turn, nil, context.Cause(ctx)
		}
	}
}

// keep writes the answer of a turn for all nodes. If the directory is away just now, others
// wait for it until servingLife is over, and are served then.
func (as answers) keep(ctx context.Context, turn directory.Ticket, a *keptAnswer, life time.Duration) {
	body, err := json.Marshal(a)
	if err != nil {
		return // there is nothing in it that does not marshal
	}
	turn.Body, turn.For = body, life
	_, _ = as.dir.Put(context.WithoutCancel(ctx), turn)
}

// giveUp lets the next one serve the request.
func (as answers) giveUp(ctx context.Context, turn directory.Ticket) {
	turn.For = 0
	_, _ = as.dir.Put(context.WithoutCancel(ctx), turn)
}
