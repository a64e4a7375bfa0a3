package directory

import "context"

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
	list := r.list(0)
	for i := 0; i+6 < len(list); i += 7 {
		out = append(out, Result{
			ID: list.text(i), Seq: list.number(i + 1), Key: list.text(i + 2),
			Owner: Owner{Room: list.text(i + 3), Node: list.text(i + 4), Epoch: list.number(i + 5)},
			Body:  []byte(list.text(i + 6)),
		})
	}
	return out, nil
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
