//go:build linux

package drive

import (
	"bytes"
	"context"
	"net/http"

	"github.com/roomtick/roomtick/schema"
)

// Record joins one client, answers its snapshots, and returns the first so many messages
// that hold one. The first has the welcome.
func Record(ctx context.Context, cfg Config, snapshots int) ([][]byte, error) {
	j := joiner{cfg: cfg, http: http.DefaultClient}
	nc, err := j.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer nc.Close()
	defer context.AfterFunc(ctx, func() { _ = nc.Close() })()
	a := answers{input: cfg.Input, builder: schema.NewBuilder(256)}
	var kept [][]byte
	var data []byte
	buf := make([]byte, 64<<10)
	for len(kept) < snapshots {
		n, err := nc.Read(buf)
		if err != nil {
			return nil, err
		}
		data = append(data, buf[:n]...)
		rest, err := take(data, func(op byte, payload []byte) error {
			var f schema.ServerFrame
			if op == opClose {
				return errClosed
			}
			if err := schema.ParseServerFrame(payload, &f); err != nil || !f.HasSnapshot {
				return err
			}
			kept = append(kept, bytes.Clone(payload))
			_, err := nc.Write(a.to(f.Snapshot.Tick))
			return err
		})
		if err != nil {
			return nil, err
		}
		data = append(data[:0], rest...)
	}
	return kept, nil
}
