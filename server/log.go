package server

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
)

// newLog returns the log of a format: json for machines, text for a terminal.
func newLog(format string, w io.Writer) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(textHandler{Handler: slog.NewTextHandler(w, nil), mu: new(sync.Mutex), w: w})
}

// stackKey is the attribute of a stack as debug.Stack gives it.
const stackKey = "stack"

// textHandler is slog's text handler, but for a record's stack: people read it line by
// line, below the record, and no further than the game's own frames.
type textHandler struct {
	slog.Handler
	mu *sync.Mutex // held while a record and its stack are written
	w  io.Writer
}

// Handle implements slog.Handler.
func (h textHandler) Handle(ctx context.Context, r slog.Record) error {
	stack := ""
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == stackKey {
			stack = a.Value.String()
		}
		return stack == ""
	})
	if stack != "" {
		r = without(r, stackKey)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.Handler.Handle(ctx, r); err != nil || stack == "" {
		return err
	}
	var b strings.Builder
	for frame := range strings.Lines(gameStack(stack)) {
		b.WriteString("    " + frame)
	}
	_, err := io.WriteString(h.w, b.String())
	return err
}

// without is a record without an attribute.
func without(r slog.Record, key string) slog.Record {
	rest := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key != key {
			rest.AddAttrs(a)
		}
		return true
	})
	return rest
}

// WithAttrs implements slog.Handler.
func (h textHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.Handler = h.Handler.WithAttrs(attrs)
	return h
}

// WithGroup implements slog.Handler.
func (h textHandler) WithGroup(name string) slog.Handler {
	h.Handler = h.Handler.WithGroup(name)
	return h
}
