package client

// Counts are the values of Counters at one moment; see there.
type Counts struct {
	Frames, Bytes, Byes, ByeBytes, Deltas, Told int64
	TCPIn, TCPOut                               int64
	Received, Jumped, Resets, Old               int64
	Updates, Entered, InView, Behind, Events    int64
	Inputs, Skipped, Acks, Hashes, Applied      int64
	Resumes                                     int64
	Due                                         int64 // send ticks due by now, by the bot's clock
	Owed, Paid                                  int64 // due a send tick ago; of those, received or jumped over
	Faults                                      [faultKinds]int64
}

// Counts reads every counter.
func (c *Counters) Counts() Counts {
	n := Counts{
		Frames: c.Frames.Load(), Bytes: c.Bytes.Load(), Byes: c.Byes.Load(), ByeBytes: c.ByeBytes.Load(),
		Deltas: c.Deltas.Load(), Told: c.Told.Load(),
		TCPIn: c.TCPIn.Load(), TCPOut: c.TCPOut.Load(),
		Received: c.Received.Load(), Jumped: c.Jumped.Load(), Resets: c.Resets.Load(), Old: c.Old.Load(),
		Updates: c.Updates.Load(), Entered: c.Entered.Load(), InView: c.InView.Load(), Behind: c.Behind.Load(),
		Events: c.Events.Load(),
		Inputs: c.Inputs.Load(), Skipped: c.Skipped.Load(), Acks: c.Acks.Load(), Hashes: c.Hashes.Load(),
		Applied: c.Applied.Load(), Resumes: c.Resumes.Load(),
	}
	for f := range n.Faults {
		n.Faults[f] = c.faults[f].Load()
	}
	return n
}

// Add adds up.
func (n *Counts) Add(m *Counts) { n.combine(m, 1) }

// Since returns what was counted after an earlier moment.
func (n Counts) Since(m *Counts) Counts {
	n.combine(m, -1)
	return n
}

func (n *Counts) combine(m *Counts, sign int64) {
	for _, pair := range [...]struct{ to, from *int64 }{
		{&n.Frames, &m.Frames}, {&n.Bytes, &m.Bytes}, {&n.Byes, &m.Byes}, {&n.ByeBytes, &m.ByeBytes},
		{&n.Deltas, &m.Deltas}, {&n.Told, &m.Told}, {&n.TCPIn, &m.TCPIn}, {&n.TCPOut, &m.TCPOut},
		{&n.Received, &m.Received}, {&n.Jumped, &m.Jumped}, {&n.Resets, &m.Resets}, {&n.Old, &m.Old},
		{&n.Updates, &m.Updates}, {&n.Entered, &m.Entered}, {&n.InView, &m.InView}, {&n.Behind, &m.Behind},
		{&n.Events, &m.Events}, {&n.Inputs, &m.Inputs}, {&n.Skipped, &m.Skipped}, {&n.Acks, &m.Acks},
		{&n.Hashes, &m.Hashes}, {&n.Applied, &m.Applied}, {&n.Resumes, &m.Resumes}, {&n.Due, &m.Due},
		{&n.Owed, &m.Owed}, {&n.Paid, &m.Paid},
	} {
		*pair.to += sign * *pair.from
	}
	for f := range n.Faults {
		n.Faults[f] += sign * m.Faults[f]
	}
}
