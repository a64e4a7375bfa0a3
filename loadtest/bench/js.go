//go:build linux

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/roomtick/roomtick/loadtest/bench/drive"
	"github.com/roomtick/roomtick/loadtest/bench/stats"
)

// jsFrames is how many snapshots are recorded: the first ones warm the decoder up.
const jsFrames = 60

// sdkSuite weighs the SDK as it is served.
func sdkSuite(_ context.Context, b *bench) error {
	const name = "roomtick.js"
	text, err := os.ReadFile(filepath.Join(b.root, "client-js", "dist", name))
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	if err := errors.Join(err, w.Close()); err != nil {
		return err
	}
	b.report.add(figure{What: name + ", gzipped", Unit: "B", Value: stats.Of([]float64{float64(packed.Len())}), Held: "<= 8192"})
	return nil
}

// jsSuite records what a player in front of 1,000 moving things is sent, and has the SDK
// decode it in Node and in Chromium.
func jsSuite(ctx context.Context, b *bench) error {
	if !isThere(filepath.Join(b.root, "client-js", "node_modules")) {
		b.say("left out: run 'make setup-js' first")
		return nil
	}
	file := filepath.Join(b.dir, "frames.json")
	if err := b.record(ctx, file); err != nil {
		return err
	}
	run := exec.CommandContext(ctx, "node", filepath.Join("scripts", "decode.mjs"), file, strconv.Itoa(b.opts.rounds))
	run.Dir = filepath.Join(b.root, "client-js")
	var said bytes.Buffer
	run.Stderr = &said
	out, err := run.Output()
	if err != nil {
		return fmt.Errorf("decode.mjs: %w\n%s", err, said.String())
	}
	var got map[string]struct{ Decode, Merge []float64 } // us a frame, by where
	if err := json.Unmarshal(out, &got); err != nil {
		return err
	}
	for _, where := range []string{"Node", "Chromium"} {
		times, ok := got[where]
		if !ok {
			b.say("no %s here", where)
			continue
		}
		b.report.add(figure{What: where + ": frame and deltas of 1,000 changed entities", Unit: "us", Value: stats.Of(times.Decode), Held: "<= 50"})
		b.report.add(figure{What: where + ": and their merge into the room's state", Unit: "us", Value: stats.Of(times.Merge)})
	}
	return nil
}

// record saves what one player of a large herd is sent.
func (b *bench) record(ctx context.Context, file string) error {
	const game = "wander-herd-1000"
	server, err := b.serve(ctx)
	if err != nil {
		return err
	}
	messages, err := drive.Record(ctx, drive.Config{URL: server.URL, Game: game, Input: make([]byte, inputSize(game))}, jsFrames)
	if err := errors.Join(err, server.Stop()); err != nil {
		return err
	}
	return saveFrames(file, messages)
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// saveFrames writes messages as a JSON list of base64.
func saveFrames(file string, messages [][]byte) error {
	list := make([]string, len(messages))
	for i, m := range messages {
		list[i] = base64.StdEncoding.EncodeToString(m)
	}
	text, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}
