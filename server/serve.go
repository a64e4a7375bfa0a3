package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

// Limits of both HTTP servers. A WebSocket leaves them behind at its handshake.
const (
	readHeaderTimeout = 3 * time.Second // slow handshakes hold a socket no longer
	readTimeout       = 10 * time.Second
	publicWrite       = 15 * time.Second // of an answer, or the whole SDK on a slow network
	adminWrite        = 90 * time.Second // a CPU profile takes 30 s, a trace what one asks for
	idleTimeout       = 60 * time.Second
	maxHeaderBytes    = 16 << 10
)

// serve runs the node and its listeners until ctx ends or a listener fails.
func serve(ctx context.Context, cfg *config, p Process, games []*sim.Definition, onResult ResultFunc) error {
	log := newLog(cfg.logFormat, p.Stderr)
	dir, closeDirectory, err := openDirectory(ctx, cfg)
	if err != nil {
		return err
	}
	defer closeDirectory()
	n := newNode(cfg, games, dir, log)
	if n.results, err = openResults(n, onResult); err != nil {
		return err
	}
	defer closeResults(n.results, log)
	front, servers, err := listeners(ctx, n)
	if err != nil {
		return err
	}
	living, stopLiving := context.WithCancel(context.WithoutCancel(ctx)) // leases are kept while draining
	n.join(living)
	announced := make(chan struct{})
	go func() { defer close(announced); n.announceLoop(living) }()
	go n.sweepLoop(living)
	go n.shareLoop(living)
	defer func() { stopLiving(); <-announced }()
	if err := n.openFirst(living); err != nil {
		closeAll(front)
		return err
	}
	warnOfFiles(log, cfg, games, mostFiles())
	failed := make(chan error, len(servers))
	for i, s := range servers {
		go func() { failed <- s.Serve(front[i]) }()
	}
	go n.watch.Run(living)
	go n.queues.Run(living)
	if err := announce(p.Stdout, n, front); err != nil {
		log.Warn("addresses not printed", "cause", err)
	}
	select {
	case <-ctx.Done():
		log.Info("draining", "cause", context.Cause(ctx))
	case err = <-failed:
		err = fmt.Errorf("listener: %w", err)
		log.Error("draining", "cause", err)
	case err = <-n.unfit:
		err = fmt.Errorf("-redis: %w", err)
		log.Error("draining", "cause", err)
	}
	return errors.Join(err, n.shutdown(log, servers))
}

// openDirectory connects to the directory that the nodes share, or makes one for this node.
func openDirectory(ctx context.Context, cfg *config) (dir directory.Directory, done func(), err error) {
	switch {
	case cfg.shared != nil:
		return cfg.shared, func() {}, nil
	case cfg.redis == "":
		return directory.NewMemory(leaseTime), func() {}, nil
	}
	r, err := directory.OpenRedis(ctx, cfg.redis, leaseTime)
	if err != nil {
		return nil, nil, fmt.Errorf("-redis: %w", err)
	}
	return r, func() { _ = r.Close() }, nil
}

// listeners opens the node's addresses: the public one, the admin's and the peers', those
// that it has, each with its server.
func listeners(ctx context.Context, n *node) ([]net.Listener, []*http.Server, error) {
	public, err := newPublic(n)
	if err != nil {
		return nil, nil, err
	}
	addrs := []string{n.cfg.addr}
	servers := []*http.Server{newHTTP(public, publicWrite, n.log)}
	if n.cfg.admin != "" {
		addrs, servers = append(addrs, n.cfg.admin), append(servers, newHTTP(newAdmin(n), adminWrite, n.log))
	}
	if n.cfg.clustered() {
		addrs, servers = append(addrs, n.cfg.peer), append(servers, newHTTP(newPeer(n), publicWrite, n.log))
	}
	front, err := listen(ctx, addrs...)
	if err != nil {
		return nil, nil, err
	}
	if n.cfg.clustered() {
		n.cluster.own = front[len(front)-1].Addr().String()
	}
	return front, servers, nil
}

func newHTTP(h http.Handler, write time.Duration, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      write,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// listen opens the addresses. It reports every failure.
func listen(ctx context.Context, addrs ...string) ([]net.Listener, error) {
	var opened []net.Listener
	var wrong []error
	for _, addr := range addrs {
		var lc net.ListenConfig
		l, err := lc.Listen(ctx, "tcp", addr)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%w; give another address with -addr, -admin or -peer", err))
			continue
		}
		opened = append(opened, l)
	}
	if len(wrong) > 0 {
		closeAll(opened)
		return nil, errors.Join(wrong...)
	}
	return opened, nil
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		_ = l.Close()
	}
}

// announce prints where everything is.
func announce(w io.Writer, n *node, front []net.Listener) error {
	cfg, games := n.cfg, n.offered
	local := "http://" + reachable(front[0].Addr().String())
	at := local
	if cfg.publicURL != "" {
		at = cfg.publicURL
	}
	var b strings.Builder
	fmt.Fprintf(&b, "play     %s/\n", at)
	if at != local {
		fmt.Fprintf(&b, "listen   %s/\n", local)
	}
	if cfg.admin != "" {
		admin := "http://" + reachable(front[1].Addr().String())
		fmt.Fprintf(&b, "admin    %s/healthz  /readyz  /debug/pprof/\n", admin)
		fmt.Fprintf(&b, "metrics  %s/metrics\n", admin)
	}
	if cfg.clustered() {
		fmt.Fprintf(&b, "peer     %s, node %s\n", n.cluster.own, n.id)
	}
	if cfg.web == "" && !slices.ContainsFunc(games, func(g *sim.Definition) bool { return g.Name() == demoGame }) {
		fmt.Fprintf(&b, "page     the demo's, which joins %q; show your own with -web FOLDER\n", demoGame)
	}
	for _, g := range games {
		fmt.Fprintf(&b, "edit     %s, and start again\n", stepOf(g))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// demoGame is the game that the page in the binary joins.
const demoGame = "arena"

// stepOf says where a game's rules are, as a path from here if it is below.
func stepOf(g *sim.Definition) string {
	at := g.Source()
	if at == "" {
		return "the Step method of " + g.Name()
	}
	if here, err := os.Getwd(); err == nil {
		if short, ok := strings.CutPrefix(at, here+string(filepath.Separator)); ok {
			return short
		}
	}
	return at
}

// reachable turns a wildcard address into one that a browser on this machine opens.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("localhost", port)
	}
	return addr
}
