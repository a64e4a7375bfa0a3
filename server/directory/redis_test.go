package directory

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// process is a redis-server of a test's own, behind a socket of its own.
type process struct {
	dir  string
	args []string
	cmd  *exec.Cmd
}

// startRedis starts one that ends with the test.
func startRedis(t testing.TB, args ...string) *process {
	t.Helper()
	dir, err := os.MkdirTemp("", "redis") // t.TempDir is too long a name for a socket
	if err != nil {
		t.Fatal(err)
	}
	p := &process{dir: dir, args: args}
	t.Cleanup(func() {
		p.kill(t)
		os.RemoveAll(dir)
	})
	p.start(t)
	return p
}

func (p *process) url() string { return "unix://" + filepath.Join(p.dir, "sock") }

// start runs it and returns when it answers.
func (p *process) start(t testing.TB) {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal("redis-server is missing: run 'sudo apt-get install -y redis-server'")
	}
	args := append([]string{"--port", "0", "--unixsocket", "sock", "--dir", p.dir, "--save", "", "--logfile", "log"}, p.args...)
	p.cmd = exec.Command(binary, args...)
	p.cmd.Dir = p.dir
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: filepath.Join(p.dir, "sock"), MaxRetries: -1})
	defer client.Close()
	deadline := time.Now().Add(30 * time.Second)
	for client.Ping(context.Background()).Err() != nil {
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(p.dir, "log"))
			t.Fatalf("redis-server does not answer: %s", log)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// kill ends it at once.
func (p *process) kill(t testing.TB) {
	t.Helper()
	_ = p.cmd.Process.Kill() // it may have ended
	_ = p.cmd.Wait()
}

// patience is the budget of calls that are to work on the slowest machine.
const patience = 30 * time.Second

// testPage is how much is read in one go: little, so that there is more than one.
const testPage = 3

// open connects to it as a node does, but for seeing its own changes at once.
func (p *process) open(t testing.TB) *Redis {
	t.Helper()
	options, err := redis.ParseURL(p.url())
	if err != nil {
		t.Fatal(err)
	}
	d, err := newRedis(options, testLease, patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	d.mirror.fresh, d.page = 0, testPage
	return d
}

// site is the directory on p, empty, with a clock that tests put forward. However slow the
// machine is, each time it shows what it showed at first and what has passed.
func (p *process) site(t testing.TB) *site {
	d := p.open(t)
	ctx := context.Background()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	begin, err := d.client.Time(ctx).Result()
	must(err)
	pass := func(by time.Duration) {
		begin = begin.Add(by)
		now, err := d.client.Time(ctx).Result()
		must(err)
		must(d.client.HSet(ctx, prefix+"clock", "behind", begin.Sub(now).Microseconds(), "last", begin.UnixMicro()).Err())
	}
	lose := func() {
		must(d.client.FlushAll(ctx).Err())
		pass(time.Second) // no loss is over at once
	}
	lose()
	must(d.client.ScriptFlush(ctx).Err())
	return &site{Directory: d, lose: lose, pass: pass}
}

func TestRedisConforms(t *testing.T) {
	p := startRedis(t)
	for _, c := range conformance {
		t.Run(c.name, func(t *testing.T) { c.test(t, p.site(t)) })
	}
}

func TestMiniredisConforms(t *testing.T) {
	for _, c := range conformance {
		t.Run(c.name, func(t *testing.T) {
			m := miniredis.RunT(t)
			now := time.Now()
			m.SetTime(now)
			d, err := newRedis(&redis.Options{Addr: m.Addr()}, testLease, patience)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { d.Close() })
			d.mirror.fresh, d.page = 0, testPage
			d.fit.Store(true) // it has no INFO memory
			pass := func(by time.Duration) {
				now = now.Add(by)
				m.SetTime(now)
			}
			lose := func() {
				m.FlushAll()
				pass(time.Second) // no loss is over at once
			}
			c.test(t, &site{Directory: d, lose: lose, pass: pass})
		})
	}
}
