package server

import "time"

// Rooms that do not answer in reserveTimeout are stuck: joiners do not see them until they
// answer. One of them is its game's fault, and others take its players. Many at once are a
// machine with too much to do: more rooms would leave less for each of them.
const (
	// stuckRooms and one in stuckShare of all may be stuck and new ones still be opened.
	stuckRooms = 2
	stuckShare = 8

	// deadAfter is when a stuck room says nothing about the machine any more, and nobody
	// waits for it: a machine that is busy lets every room run now and then.
	deadAfter = 5 * time.Second
)

// noteStuck hides a room from joiners until it answers.
func (n *node) noteStuck(h *host) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, known := n.stuck[h]; known || n.hosted[h.owner.Room] != h {
		return
	}
	n.shelves.remove(h)
	n.stuck[h] = time.Now()
	go n.awaitAnswer(h)
}

// awaitAnswer shows a stuck room to joiners again, at once when it answers.
func (n *node) awaitAnswer(h *host) {
	err := h.room.Answer(n.cut)
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.stuck, h)
	if err == nil && n.hosted[h.owner.Room] == h {
		n.shelves.put(h)
	}
	n.wakeLocked()
}

// overloaded reports whether so many rooms are stuck that it must be the machine.
func (n *node) overloaded() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	recent, now := 0, time.Now()
	for _, since := range n.stuck {
		if now.Sub(since) < deadAfter {
			recent++
		}
	}
	return recent > max(stuckRooms, len(n.hosted)/stuckShare)
}

// pickStuck holds the fullest stuck room that q asks for and that has a free seat, for who finds no
// other: it may answer in time. nil if there is none.
func (n *node) pickStuck(q *search) *host {
	n.mu.Lock()
	defer n.mu.Unlock()
	var best *host
	for h, since := range n.stuck {
		fits := h.kind == q.kind() && !h.private && h.password == nil && h.joinable && q.fits(h)
		if fits && h.seats-h.taken > h.joining && time.Since(since) < deadAfter && (best == nil || h.taken > best.taken) {
			best = h
		}
	}
	if best != nil {
		best.joining++
	}
	return best
}
