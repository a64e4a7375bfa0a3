package server

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/roomtick/roomtick/room"
	"github.com/roomtick/roomtick/sim"
)

const (
	// recordingEnd is the trailer that says how a recording ended: recordingComplete, or
	// why it is not.
	recordingEnd      = "Roomtick-Recording"
	recordingComplete = "complete"

	// frameWrite bounds the write of one frame: a reader that takes longer has lost
	// frames anyway.
	frameWrite = 5 * time.Second

	// longestRecording bounds what one request may ask for, in ticks.
	longestRecording = 1 << 20
)

// traceHeader is the first line of a trace; each Measure is a field.
type traceHeader struct {
	TickRate int           `json:"tickRate"`
	Entities int           `json:"entities"`
	Fields   []sim.Measure `json:"fields"`
}

// adminRooms answers GET /v1/rooms of the admin listener: the rooms of this node.
func adminRooms(n *node) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		list := []roomInfo{}
		for _, h := range n.all() {
			l := h.listing()
			list = append(list, infoOf(&l))
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(list) // the client may be gone
	}
}

// adminTrace answers GET /v1/rooms/{room}/trace?table=&ticks=&slots= with a trace of
// one table as it is simulated, tick by tick. A trailer says whether it is complete.
func adminTrace(n *node) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h := n.lookup(r.PathValue("room"))
		if h == nil {
			answer(w, http.StatusNotFound, "no such room on this node")
			return
		}
		ticks, err1 := number(r, "ticks", 20*h.room.Info().TickRate)
		slots, err2 := number(r, "slots", 0)
		if err := errors.Join(err1, err2); err != nil || ticks > longestRecording {
			answer(w, http.StatusBadRequest, "ticks and slots are whole numbers, ticks at most "+strconv.Itoa(longestRecording))
			return
		}
		rec, err := h.room.Trace(r.Context(), room.TraceConfig{Table: r.FormValue("table"), Slots: slots, Ticks: ticks})
		if err != nil {
			answer(w, recordStatus(err), err.Error())
			return
		}
		defer rec.Close()
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Trailer", recordingEnd)
		end := recordingComplete
		if err := stream(w, r, rec, h.room.Info().TickRate, ticks); err != nil {
			end = err.Error()
		}
		w.Header().Set(recordingEnd, end)
	}
}

func recordStatus(err error) int {
	switch {
	case errors.Is(err, room.ErrNoTable), errors.Is(err, room.ErrEnded):
		return http.StatusNotFound
	case errors.Is(err, room.ErrTraces):
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

// number reads a whole number of a request's query.
func number(r *http.Request, name string, otherwise int) (int, error) {
	text := r.FormValue(name)
	if text == "" {
		return otherwise, nil
	}
	return strconv.Atoi(text)
}

// stream writes the header and each frame as it comes.
func stream(w http.ResponseWriter, r *http.Request, rec *room.Trace, tickRate, ticks int) error {
	line, err := json.Marshal(traceHeader{tickRate, rec.Slots, rec.Fields})
	if err != nil {
		return err
	}
	control := http.NewResponseController(w)
	line = append(line, '\n')
	bytes := line
	for range ticks {
		frame, err := rec.Next(r.Context())
		if err != nil {
			return err
		}
		for _, v := range frame {
			bytes = binary.LittleEndian.AppendUint32(bytes, uint32(v))
		}
		rec.Release(frame)
		if err := control.SetWriteDeadline(time.Now().Add(frameWrite)); err != nil {
			return err
		}
		if _, err := w.Write(bytes); err != nil {
			return err
		}
		if err := control.Flush(); err != nil {
			return err
		}
		bytes = bytes[:0]
	}
	return nil
}
