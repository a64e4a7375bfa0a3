package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/roomtick/roomtick/loadtest/codec"
	"github.com/roomtick/roomtick/loadtest/swarm"
	"github.com/roomtick/roomtick/loadtest/trace"
)

// runCodec is `loadtest codec`: what a trace costs on the wire.
func runCodec(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("loadtest codec", flag.ContinueOnError)
	path := flags.String("trace", "", "the trace, as in `ships.trace`; gzip is unpacked (required)")
	send := flags.Int("send", 0, "snapshots a second, such as `20`, a divisor of the trace's tick rate; 0 is the tick rate")
	jsonPath := flags.String("json", "", "write the figures to this file as JSON, as in `out.json`; - is standard output, and nothing else is printed")
	hints := flags.Bool("hints", false, "say what a step twice, 5 and 10 times coarser would save, field by field; as in -hints")
	if code, done := swarm.ParseFlags(flags, args, stderr); done {
		return code
	}
	if *path == "" || flags.NArg() > 0 {
		return usage(stderr, errors.New("loadtest codec -trace FILE [-send 20] [-hints] [-json out.json]"))
	}
	t, err := trace.ReadFile(*path)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return exitFailed
	}
	r, err := codec.Run(t, *send)
	if errors.Is(err, codec.ErrSendRate) {
		return usage(stderr, fmt.Errorf("-send %d: %w", *send, err))
	}
	if err == nil && *hints {
		r.Hints, err = codec.Hints(t, *send)
	}
	if err == nil {
		err = writeCodec(r, *jsonPath, stdout)
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return exitFailed
	}
	return exitOK
}

// writeCodec prints the figures and writes them as JSON.
func writeCodec(r *codec.Result, jsonPath string, stdout io.Writer) error {
	if jsonPath != "-" {
		if _, err := io.WriteString(stdout, codecText(r)); err != nil {
			return err
		}
	}
	if jsonPath == "" {
		return nil
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if jsonPath == "-" {
		_, err = stdout.Write(text)
		return err
	}
	return os.WriteFile(jsonPath, text, 0o666)
}

// codecText is the report for people.
func codecText(r *codec.Result) string {
	var w strings.Builder
	p := func(name, format string, args ...any) {
		fmt.Fprintf(&w, "%-18s %s\n", name, fmt.Sprintf(format, args...))
	}
	p("trace", "%d frames sent, %d a second of %d; %d slots, %.1f entities a frame, %.1f of them changed",
		r.Frames, r.SendRate, r.TickRate, r.Entities, r.EntitiesPerFrame, r.ChangedPerFrame)
	p("bytes a frame", "mean %.1f, p50 %d, p99 %d; deltas with their prologue, without the envelope, from the third frame on",
		r.BytesPerFrame.Mean, r.BytesPerFrame.P50, r.BytesPerFrame.P99)
	p("bytes", "%.3f an entity, %.3f a changed entity, %.1f kbit/s",
		r.BytesPerEntity, r.BytesPerChangedEntity, r.KbitPerSecond)
	p("keyframes", "%d bytes at first; %.1f in the mean, for who joins at any frame", r.Keyframes.Bytes, r.Keyframes.Mean)
	for _, name := range slices.Sorted(maps.Keys(r.Fields)) {
		f := r.Fields[name]
		precision := "lossless"
		if f.WireStep > 0 {
			precision = fmt.Sprintf("step %.6g, error %.3g of %.6g", f.WireStep, f.MaxError, f.Tolerance)
			if f.MaxDerived > 0 {
				precision += fmt.Sprintf(", of the number that follows %.3g", f.MaxDerived)
			}
		}
		p("  "+name, "%.1f bytes a frame, %.2f bits an entity; %s", f.BytesPerFrame, f.BitsPerEntity, precision)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Overhead)) {
		if r.Overhead[name] > 0 {
			p("  "+name, "%.1f bytes a frame", r.Overhead[name])
		}
	}
	for i, h := range r.Hints {
		if i == 0 || r.Hints[i-1].Field != h.Field {
			p("hint", "%s", hint(r.Hints, i))
		}
	}
	p("encode", "%.1f ns an entity, from values on the wire's grid to bytes", r.EncodeNsPerEntity)
	p("decode", "%.1f ns an entity, and every value was found right", r.DecodeNsPerEntity)
	return w.String()
}

// hint says what coarser steps of a field would save, from hint i on.
func hint(all []codec.Hint, i int) string {
	h := &all[i]
	text := fmt.Sprintf("%s at step %.6g instead of %.6g would %s", h.Field, h.Coarser, h.Step, saving(h))
	for _, next := range all[i+1:] {
		if next.Field != h.Field {
			break
		}
		text += fmt.Sprintf(", at %.6g %s", next.Coarser, saving(&next))
	}
	return text
}

// saving is in words, because a coarser step can cost more: prediction has less to go by.
func saving(h *codec.Hint) string {
	if h.Saves < 0 {
		return fmt.Sprintf("cost %.0f %% more", -100*h.Saves)
	}
	return fmt.Sprintf("save %.0f %%", 100*h.Saves)
}
