package directory

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

const (
	// callBudget is how long a call waits for a Redis that answers nobody, from asking for
	// a connection on, so that a player is told within 100 ms that there are no new matches
	// now.
	callBudget = 80 * time.Millisecond

	// callPatience is how many times as long it waits while Redis answers others, or while
	// this process itself is kept waiting: a busy machine is not a Redis that is away.
	callPatience = 6

	// startBudget bounds the questions that are asked once.
	startBudget = 3 * time.Second

	// pageSize is how many rooms, or tickets, are read in one go: Redis does nothing else
	// meanwhile.
	pageSize = 1000

	// prefix begins every key. The braces keep all in one slot of a Redis Cluster; the
	// number changes with what the keys hold, so that two builds can share a Redis.
	prefix = "{roomtick}1:"
)

// init keeps go-redis from writing to standard error what our callers are told anyway. It
// has one logger for all clients.
func init() { redis.SetLogger(silent{}) }

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

//go:embed lua/*.lua
var luaFiles embed.FS

// Redis is the Directory of many nodes, in one Redis (7 or later, or what speaks like it).
// Everything that must be atomic is a script. When Redis does not answer, calls fail with
// ErrUnavailable after callBudget, soon after at once; what it has lost by the time it is
// back comes back with the next renewals.
type Redis struct {
	// Set once by newRedis; safe from any goroutine.
	client  *redis.Client
	lease   time.Duration
	budget  time.Duration // of a call: callBudget but in tests
	page    int           // pageSize but in tests
	scripts map[string]*redis.Script
	sources []string // of the scripts

	fit     atomic.Bool           // see check
	unfit   atomic.Pointer[error] // likewise; what is wrong
	breaker breaker
	mirror  mirror
}

// OpenRedis connects to the Redis of a URL, as in redis://user:password@host:6379/0 or
// unix:///path. A Redis that does not answer yet is waited for, and calls are ErrUnavailable
// until it does. One that does not let us in, or is allowed to evict keys, which would make
// it forget the rooms that run the longest, is ErrUnfit: here, or from all calls once it
// has answered.
func OpenRedis(ctx context.Context, url string, lease time.Duration) (*Redis, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	d, err := newRedis(options, lease, callBudget)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startBudget)
	defer cancel()
	if err := d.check(ctx); errors.Is(err, ErrUnfit) {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// ParseRedis returns what is wrong with a URL for OpenRedis.
func ParseRedis(url string) error {
	if _, err := redis.ParseURL(url); err != nil {
		return errors.New("not the URL of a Redis; use one such as redis://127.0.0.1:6379/0 or unix:///path")
	}
	return nil
}

func newRedis(options *redis.Options, lease, budget time.Duration) (*Redis, error) {
	options.ContextTimeoutEnabled = true
	options.MaxRetries = -1 // whoever calls knows better whether it is worth it
	options.DialerRetries = 1
	options.DialTimeout = callPatience * budget
	options.PoolTimeout = callPatience * budget
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled} // plain Redis has none
	d := &Redis{lease: lease, budget: budget, page: pageSize, scripts: make(map[string]*redis.Script)}
	d.mirror.fresh = mirrorFresh
	common, err := luaFiles.ReadFile("lua/common.lua")
	if err != nil {
		return nil, err
	}
	files, err := luaFiles.ReadDir("lua")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		body, err := luaFiles.ReadFile("lua/" + f.Name())
		if err != nil {
			return nil, err
		}
		source := string(common) + string(body)
		d.scripts[strings.TrimSuffix(f.Name(), ".lua")] = redis.NewScript(source)
		d.sources = append(d.sources, source)
	}
	d.client = redis.NewClient(options)
	return d, nil
}

// Close ends the connections. Calls fail from then on.
func (d *Redis) Close() error { return d.client.Close() }

// call runs a script and returns what follows its status, which decides the error.
func (d *Redis) call(ctx context.Context, script string, args ...any) (reply, error) {
	var r reply
	err := d.guarded(ctx, func(ctx context.Context) error {
		list, err := d.scripts[script].Run(ctx, d.client, []string{prefix}, args...).Slice()
		r = list // read only if this has ended in time
		return err
	})
	if err == nil {
		r, err = r.status()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", script, err)
	}
	return r, nil
}

// reply is what a script returned: strings, and lists of them.
type reply []any

// status takes the first value off, which says what came of it.
func (r reply) status() (reply, error) {
	switch s := r.text(0); s {
	case "OK":
		return r[1:], nil
	case "FENCED":
		return nil, ErrFenced
	case "UNKNOWN":
		return nil, ErrUnknownRoom
	case "FULL":
		return nil, ErrFull
	case "CODE":
		return nil, ErrCodeTaken
	case "CONFLICT":
		return nil, ErrConflict
	default:
		return nil, fmt.Errorf("%w: redis answered %.20q", ErrUnavailable, s)
	}
}

// text is the i-th value, empty if there is none.
func (r reply) text(i int) string {
	if i >= len(r) {
		return ""
	}
	s, _ := r[i].(string)
	return s
}

// number is the i-th value, 0 if it is none.
func (r reply) number(i int) uint64 {
	n, _ := strconv.ParseUint(r.text(i), 10, 64)
	return n
}

// list is the i-th value as a list, empty if it is none.
func (r reply) list(i int) reply {
	if i >= len(r) {
		return nil
	}
	l, _ := r[i].([]any)
	return l
}
