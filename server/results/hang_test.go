package results

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomtick/roomtick/room"
	"github.com/roomtick/roomtick/server/conn/conntest"
)

func TestReceiversThatHangAreGivenTenSecondsAndNothingIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := conntest.NewPipe()
		asked := 0
		var first, second time.Time
		receiver := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if asked++; asked == 1 {
				first = time.Now()
				_, _ = io.Copy(io.Discard, r.Body) // else the server does not see the other end go
				<-r.Context().Done()               // until the other end gives up
				return
			}
			second = time.Now()
		})}
		go receiver.Serve(l)
		hook := NewWebhook("http://studio.example/results", newKey)
		hook.client.Transport.(*http.Transport).DialContext = func(context.Context, string, string) (net.Conn, error) { return l.Dial() }
		s := New(Config{Store: NewMemory(), Receivers: []Receiver{hook}, Log: quiet()})
		<-s.Take(room.Outcome{Room: "1"})
		pass(time.Minute)
		if gap := second.Sub(first); asked != 2 || gap < attemptTimeout || gap > attemptTimeout+2*backoffFirst {
			t.Errorf("asked %d times, again after %v", asked, gap)
		}
		if n, err := s.Close(); n != 0 || err != nil {
			t.Errorf("%d wait, %v", n, err)
		}
		receiver.Close()
	})
}
