package client

import (
	"errors"
	"time"

	"github.com/coder/websocket"
)

// errUnread says that a socket is to be read by a goroutine that waits for it.
var errUnread = errors.New("not a socket to poll")

// beatEvery is how often a shard looks at the sockets it reads. The kernel says when
// what it finds had come, so nothing that is measured depends on it.
const beatEvery = time.Millisecond

// follower is a conn that a shard reads in place of the bot's read goroutine, which
// waits meanwhile: to wake a goroutine for every frame costs a bot as much as the frame.
// The shard's goroutine owns it, and all that the read goroutine owns.
type follower struct {
	view  *view
	conn  *conn
	fd    int
	slot  int32
	at    time.Duration // when what was read last had come
	ended chan error    // gets one, nil if the read goroutine is to read on
}

// follow has the bot's shard read c until that ends; at once if it cannot. A nil error
// says to read on without it. A script looks at the bot from the read goroutine, and a
// bot that is yet to stall stops there.
func (b *Bot) follow(c *conn) error {
	if !c.plain || b.opts.Scenario != nil || b.opts.Stall.For != 0 && !b.stalled {
		return nil
	}
	fd, err := c.tcp.detach()
	if err != nil {
		return nil //nolint:nilerr // the long way
	}
	f := &follower{view: &b.view, conn: c, fd: fd, at: b.out.now(), ended: make(chan error, 1)}
	if b.shard.watch(f) {
		err = <-f.ended
	}
	c.tcp.attach()
	return err
}

// read reads what the socket has, without waiting: all of it if ending, else until a read
// does not fill the buffer. It reports whether the shard is done with the conn.
func (f *follower) read(in *receiver, readable, ending bool, since time.Duration) (over bool) {
	for {
		msg, strange := f.conn.in.next()
		switch {
		case msg != nil:
			if err := f.view.message(f.at, websocket.MessageBinary, msg); err != nil {
				f.view.broken = true
				f.ended <- err
				return true
			}
			continue
		case strange:
			return f.giveUp()
		case !readable:
			return false
		}
		room := f.conn.in.room()
		n, age, err := in.read(f.fd, room)
		switch {
		case again(err):
			return false
		case err != nil || n == 0:
			return f.giveUp() // the read goroutine meets the same end
		}
		f.conn.in.took(n)
		f.conn.tcp.in.Add(int64(n))
		f.at = max(f.view.bot.out.now()-age, since) // what came before was read before
		readable = ending || n == len(room)
	}
}

// giveUp leaves the rest of the conn to the read goroutine.
func (f *follower) giveUp() bool {
	f.conn.yield()
	f.ended <- nil
	return true
}
