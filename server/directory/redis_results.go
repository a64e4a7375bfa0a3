package directory

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Append implements [Results].
func (d *Redis) Append(ctx context.Context, r Result) error {
	_, err := d.call(ctx, "append", r.ID, r.Key, r.Owner.Room, r.Owner.Node, decimal(r.Owner.Epoch), r.Body)
	return err
}

// Undelivered implements [Results].
func (d *Redis) Undelivered(ctx context.Context, after uint64, limit int) ([]Result, error) {
	r, err := d.call(ctx, "undelivered", decimal(after), limit)
	if err != nil {
		return nil, err
	}
	var out []Result
	for list := r.list(0); len(list) >= resultFields; list = list[resultFields:] {
		out = append(out, list.result())
	}
	return out, nil
}

// Result implements [Results].
func (d *Redis) Result(ctx context.Context, id string) (Result, error) {
	r, err := d.call(ctx, "result", id)
	if errors.Is(err, ErrUnknownRoom) { // the script's UNKNOWN is of what it was asked for
		err = fmt.Errorf("result: %w", ErrUnknownResult)
	}
	if err != nil {
		return Result{}, err
	}
	out := r.result()
	out.Body = []byte(r.text(resultFields))
	return out, nil
}

// Waiting implements [Results].
func (d *Redis) Waiting(ctx context.Context) (n int, oldest time.Time, err error) {
	r, err := d.call(ctx, "waiting")
	if err != nil {
		return 0, time.Time{}, err
	}
	if n = int(r.number(0)); n > 0 {
		oldest = r.moment(1)
	}
	return n, oldest, nil
}

// Delivered implements [Results].
func (d *Redis) Delivered(ctx context.Context, ids ...string) error {
	args := []any{micros(rememberDelivered)}
	for _, id := range ids {
		args = append(args, id)
	}
	_, err := d.call(ctx, "delivered", args...)
	return err
}

const resultFields = 8

// result reads id, seq, since, key, room, node, epoch and size.
func (r reply) result() Result {
	return Result{
		ID: r.text(0), Seq: r.number(1), Since: r.moment(2), Key: r.text(3),
		Owner: Owner{Room: r.text(4), Node: r.text(5), Epoch: r.number(6)}, Size: int(r.number(7)),
	}
}

// moment is the i-th value as a point in time.
func (r reply) moment(i int) time.Time { return time.UnixMicro(int64(r.number(i))) }
