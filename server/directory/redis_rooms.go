package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// renewBatch is how many rooms are renewed in one go: few enough that Redis is through
// with them in a fraction of the budget.
const renewBatch = 200

// Acquire implements [Rooms].
func (d *Redis) Acquire(ctx context.Context, room, node string, floor uint64) (Owner, error) {
	if floor >= maxEpoch {
		return Owner{}, fmt.Errorf("acquire: %w: floor %d", ErrInvalid, floor)
	}
	r, err := d.call(ctx, "acquire", room, node, decimal(floor), micros(d.lease))
	if err != nil {
		return Owner{}, err
	}
	return Owner{Room: room, Node: node, Epoch: r.number(0)}, nil
}

// Renew implements [Rooms].
func (d *Redis) Renew(ctx context.Context, rooms ...Listing) error {
	failed := make(RoomErrors)
	for batch := range slices.Chunk(rooms, renewBatch) {
		if err := d.renew(ctx, batch, failed); err != nil {
			return fmt.Errorf("renew: %w", err)
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("renew: %w", failed)
	}
	return nil
}

// renew adds what is wrong with single rooms to failed.
func (d *Redis) renew(ctx context.Context, batch []Listing, failed RoomErrors) error {
	args := make(map[string][]any, len(batch))
	for i := range batch {
		a, err := d.renewal(&batch[i], "")
		if err != nil {
			failed[batch[i].Room] = err
			continue
		}
		args[batch[i].Room] = a
	}
	replies := make(map[string]*redis.Cmd, len(args))
	err := d.guarded(ctx, func(ctx context.Context) error {
		run := func() error {
			_, err := d.client.Pipelined(ctx, func(p redis.Pipeliner) error {
				for room, a := range args {
					replies[room] = d.scripts["renew"].EvalSha(ctx, p, []string{prefix}, a...)
				}
				return nil
			})
			return err
		}
		err := run()
		if redis.HasErrorPrefix(err, "NOSCRIPT") {
			if err = d.scripts["renew"].Load(ctx, d.client).Err(); err == nil {
				err = run()
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	for room, c := range replies {
		list, err := c.Slice()
		if err == nil {
			_, err = reply(list).status()
		}
		if errors.Is(err, ErrUnavailable) {
			return err
		}
		if err != nil {
			failed[room] = err
		}
	}
	return nil
}

// renewal is what the script is told of a room.
func (d *Redis) renewal(l *Listing, nonce string) ([]any, error) {
	if err := l.validate(); err != nil {
		return nil, err
	}
	published := *l
	published.Owner, published.Tick, published.Look = Owner{}, 0, 0 // they do not make it another listing
	body, err := json.Marshal(&published)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return []any{
		l.Room, l.Node, decimal(l.Epoch), micros(d.lease), decimal(l.Look), decimal(uint64(l.Tick)),
		strconv.Itoa(l.Free()), l.Code, body, nonce,
	}, nil
}

// Release implements [Rooms].
func (d *Redis) Release(ctx context.Context, o Owner) error {
	_, err := d.call(ctx, "release", o.Room, o.Node, decimal(o.Epoch))
	return err
}

// Lookup implements [Rooms].
func (d *Redis) Lookup(ctx context.Context, room string) (Listing, error) {
	if room == "" {
		return Listing{}, fmt.Errorf("lookup: %w", ErrUnknownRoom)
	}
	return d.lookup(ctx, room, "")
}

// ByCode implements [Rooms].
func (d *Redis) ByCode(ctx context.Context, code string) (Listing, error) {
	return d.lookup(ctx, "", code)
}

func (d *Redis) lookup(ctx context.Context, room, code string) (Listing, error) {
	r, err := d.call(ctx, "lookup", room, code)
	if err != nil {
		return Listing{}, err
	}
	return r.listing()
}

// Find implements [Rooms]. It searches a copy of the list that this node keeps.
func (d *Redis) Find(ctx context.Context, q Query) ([]Listing, error) {
	found, err := d.mirror.find(ctx, d, q)
	if err != nil {
		return nil, fmt.Errorf("find: %w", err)
	}
	return found, nil
}

// listing reads room, node, epoch, listing, tick and seats held.
func (r reply) listing() (Listing, error) {
	var l Listing
	if body := r.text(3); body != "" {
		if err := json.Unmarshal([]byte(body), &l); err != nil {
			return Listing{}, fmt.Errorf("%w: listing of room %s: %w", ErrInvalid, r.text(0), err)
		}
	}
	l.Owner = Owner{Room: r.text(0), Node: r.text(1), Epoch: r.number(2)}
	l.Tick = uint32(r.number(4))
	l.Reserved += int(r.number(5))
	return l, nil
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }

func micros(d time.Duration) string { return strconv.FormatInt(d.Microseconds(), 10) }
