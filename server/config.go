package server

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/roomtick/roomtick/server/conn"
	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/server/identity"
)

const printFlag = "print-config"

// Limits of the settings.
const (
	maxSeatTimeout = time.Hour // a seat blocks a place in its room
	minSecret      = 32        // bytes: as long as the HMAC it keys
)

// config is everything an operator can set.
type config struct {
	addr        string        // public listener, host:port
	admin       string        // admin listener; empty is off
	adminToken  string        // bearer token of the admin listener; empty asks for none
	bots        int           // computer players in every room
	origins     []string      // exact origins that may connect; empty is the server's own
	seatTimeout time.Duration // how long a seat outlives its conn
	maxRooms    int
	joinRate    float64  // joins a second from one address; 0 is no limit
	secret      []byte   // key of the seat tokens
	logFormat   string   // text or json
	publicURL   string   // as clients reach the server; empty is what each of them asked
	proxies     proxies  // whose X-Forwarded-For is believed
	roomOptions []byte   // JSON for the games' Create; may be empty
	pair        bool     // conns wait for their sockets, in two goroutines each
	data        string   // folder of what must outlive the process; empty for memory
	resultsURL  string   // webhook of match results; empty for none
	resultsKeys [][]byte // that sign them
	web         string   // folder of the page; empty is the demo's, in the binary

	redis string // URL of the directory that nodes share; empty keeps it in memory
	peer  string // listener for the other nodes, host:port as they reach it

	region string // of this node, as joins name it
	build  string // of the games; empty lets those of one build meet

	jwt       identity.Config
	who       *identity.Verifier // nil: nobody is asked who they are
	anonymous bool               // who shows no identity may come in all the same

	print, help bool

	shared directory.Directory // of tests, in place of Redis
}

// clustered tells whether there may be other nodes.
func (c *config) clustered() bool { return c.redis != "" || c.shared != nil }

// usageError is a mistake in the configuration: exit code 2.
type usageError struct{ error }

// Unwrap lets errors.Is see the mistakes.
func (e usageError) Unwrap() error { return e.error }

// settings binds every setting to its field.
func (c *config) settings() settings {
	random := make([]byte, minSecret)
	_, _ = rand.Read(random) // never fails
	c.secret = random
	all := settings{
		{name: "addr", text: "127.0.0.1:8080", usage: "public address: page, matchmaking, WebSocket", parse: c.setAddr},
		{name: "admin", text: "127.0.0.1:8081", usage: "admin address: health, metrics, profiles; empty for none", parse: c.setAdmin},
		{name: "admin-token", text: "", secret: true, usage: "bearer token that the admin address asks for", parse: c.setAdminToken},
		{name: "bots", text: "0", usage: "computer players in every room", parse: atLeast(&c.bots, 0)},
		{name: "origins", text: "", usage: "origins whose pages may connect, comma separated; empty for this server's own", parse: c.setOrigins},
		{name: "seat-timeout", text: "1m0s", usage: "how long a seat waits for its player to come back", parse: c.setSeatTimeout},
		{name: "room-options", text: "", usage: "JSON given to the games of all rooms, such as {\"teams\":true}; empty for none", parse: c.setRoomOptions},
		{name: "max-rooms", text: "1000", usage: "rooms at most; beyond it matchmaking answers 503", parse: atLeast(&c.maxRooms, 1)},
		{name: "join-rate", text: "100", usage: "joins a second from one address, ten times that at once; 0 for no limit", parse: c.setJoinRate},
		{name: "jwt-key", text: "", secret: true, usage: "who players are: file with public keys (PEM, JWKS) of the login whose tokens they send, or the secret it signs with; empty asks nobody", parse: c.setJWTKey},
		{name: "jwt-issuer", text: "", usage: "what iss must be in those tokens; empty for any", parse: text(&c.jwt.Issuer)},
		{name: "jwt-audience", text: "", usage: "what aud must name in those tokens; empty for any", parse: text(&c.jwt.Audience)},
		{name: "anonymous", text: "false", toggle: true, usage: "with -jwt-key, let people without a token play, too", parse: toggle(&c.anonymous)},
		{name: "region", text: "", usage: "region of this server, as joins ask for it, such as eu", parse: c.setRegion},
		{name: "build", text: "", usage: "build of the game; clients that name another are told to reload. Empty lets those who name the same meet", parse: c.setBuild},
		{name: "secret", text: "", secret: true, usage: "key that signs seat tokens, 32 bytes or more; random if empty", parse: c.setSecret},
		{name: "log", text: "text", usage: "log format: text or json", parse: c.setLog},
		{name: "conn", text: "auto", usage: "how conns are run: pulsed by their room at the tick (Linux, without TLS), as a pair of goroutines, or auto", parse: c.setConn},
		{name: "proxies", text: "", usage: "addresses of proxies in front, comma separated, whose X-Forwarded-For is believed, such as 10.0.0.0/8", parse: c.setProxies},
		{name: "public-url", text: "", usage: "address as clients see it, behind a proxy; empty for the one they asked", parse: c.setPublicURL},
		{name: "redis", text: "", secret: true, usage: "Redis that the nodes of a cluster share, such as redis://127.0.0.1:6379/0; empty for a single node", parse: c.setRedis},
		{name: "peer", text: "127.0.0.1:0", usage: "address for the other nodes of a cluster, as they reach it; on a network of their own", parse: c.setPeer},
		{name: "data", text: "", usage: "folder for match results that nobody has accepted yet; empty for memory, which the process loses", parse: c.setData},
		{name: "results-url", text: "", usage: "webhook that the results of matches are sent to; empty for none", parse: c.setResultsURL},
		{name: "results-key", text: "", secret: true, usage: "key that signs them, 32 bytes or more; while keys change two, the new one first, with a comma", parse: c.setResultsKey},
		{name: "web", text: "", usage: "folder of your game's page, read anew at each request; empty for the demo's", parse: c.setWeb},
	}
	for _, s := range all {
		_ = s.parse(s.text) // defaults are good
	}
	return all
}

// parseConfig reads flags and variables. It reports every mistake at once.
func parseConfig(args, env []string) (*config, settings, error) {
	c := &config{}
	all := c.settings()
	args = slices.Clone(args)
	for i, a := range args {
		if a == "-"+printFlag || a == "--"+printFlag {
			c.print = true
			args = slices.Delete(args, i, i+1)
			break
		}
	}
	mistakes := all.parse(args, env)
	if len(mistakes) == 1 && errors.Is(mistakes[0], flag.ErrHelp) {
		c.help = true
		return c, all, nil
	}
	if c.admin != "" && c.adminToken == "" && !loopback(c.admin) {
		mistakes = append(mistakes, fmt.Errorf("-admin %s is open to others; set -admin-token, or use 127.0.0.1", c.admin))
	}
	if c.admin != "" && c.admin == c.addr && !strings.HasSuffix(c.addr, ":0") {
		mistakes = append(mistakes, fmt.Errorf("-admin and -addr are both %s; use two ports", c.addr))
	}
	if c.redis != "" && all.named("secret").text == "" {
		mistakes = append(mistakes, errors.New("-redis: nodes that share it trust each other by -secret; give all of them the same, such as the output of openssl rand -hex 32"))
	}
	if c.jwt.Key == "" && (c.anonymous || c.jwt.Issuer != "" || c.jwt.Audience != "") {
		mistakes = append(mistakes, errors.New("-anonymous, -jwt-issuer and -jwt-audience are about tokens; set -jwt-key, too"))
	}
	if c.resultsURL != "" && len(c.resultsKeys) == 0 {
		mistakes = append(mistakes, errors.New("-results-url needs -results-key, by which the receiver knows that results are yours; use the output of openssl rand -hex 32"))
	}
	if len(mistakes) > 0 {
		return nil, nil, usageError{errors.Join(mistakes...)}
	}
	if c.jwt.Key != "" {
		who, err := identity.New(c.jwt, time.Now())
		if err != nil { // it was good a moment ago
			return nil, nil, usageError{fmt.Errorf("-jwt-key: %w", err)}
		}
		c.who = who
	}
	return c, all, nil
}

func hostPort(text string) error {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return errors.New("not an address; use host:port, such as 127.0.0.1:8080")
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n > 65535 {
		return fmt.Errorf("port %q is not a number from 0 to 65535", port)
	}
	return nil
}

// loopback reports whether only this machine reaches addr.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func (c *config) setAddr(text string) error {
	c.addr = text
	return hostPort(text)
}

func (c *config) setAdmin(text string) error {
	c.admin = text
	if text == "" {
		return nil
	}
	return hostPort(text)
}

func (c *config) setRedis(text string) error {
	c.redis = text
	if text == "" {
		return nil
	}
	return directory.ParseRedis(text)
}

func (c *config) setPeer(text string) error {
	c.peer = text
	if err := hostPort(text); err != nil {
		return err
	}
	host, _, _ := net.SplitHostPort(text) // hostPort has looked
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		return errors.New("the other nodes are told this address; name the one that they reach, such as 10.0.0.5:8082")
	}
	return nil
}

// setLabel parses a short name.
func (c *config) setAdminToken(text string) error {
	c.adminToken = text
	if text != "" && len(text) < 16 {
		return errors.New("shorter than 16 characters; use a random one, such as the output of openssl rand -hex 16")
	}
	return nil
}

// atLeast parses a whole number that is no less than low.
func atLeast(n *int, low int) func(string) error {
	return func(text string) error {
		v, err := strconv.Atoi(text)
		if err != nil || v < low {
			return fmt.Errorf("not a whole number of %d or more", low)
		}
		*n = v
		return nil
	}
}

func (c *config) setRoomOptions(text string) error {
	c.roomOptions = []byte(text)
	if text != "" && !json.Valid(c.roomOptions) {
		return errors.New("not JSON; use an object such as {\"teams\":true}")
	}
	return nil
}

func (c *config) setOrigins(text string) error {
	c.origins = nil
	var wrong []error
	for _, o := range strings.Split(text, ",") {
		if o = strings.TrimSpace(o); o == "" {
			continue
		}
		c.origins = append(c.origins, o)
		if u, err := url.Parse(o); err != nil || u.Host == "" || strings.ToLower(u.Scheme+"://"+u.Host) != o || strings.Contains(o, "*") {
			wrong = append(wrong, fmt.Errorf("%q is not an origin; use scheme://host or scheme://host:port in lower case, such as https://game.example", o))
		}
	}
	return errors.Join(wrong...)
}

func (c *config) setSeatTimeout(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Second || d > maxSeatTimeout {
		return fmt.Errorf("not a duration from 1s to %v", maxSeatTimeout)
	}
	c.seatTimeout = d
	return nil
}

func (c *config) setJoinRate(text string) error {
	r, err := strconv.ParseFloat(text, 64)
	if err != nil || !(r >= 0 && r <= 1e6) {
		return errors.New("not a number from 0 to 1000000")
	}
	c.joinRate = r
	return nil
}

func (c *config) setJWTKey(text string) error {
	c.jwt.Key = text
	if text == "" {
		return nil
	}
	_, err := identity.New(c.jwt, time.Now())
	return err
}

// text takes any.
func text(to *string) func(string) error {
	return func(text string) error {
		*to = text
		return nil
	}
}

func toggle(to *bool) func(string) error {
	return func(text string) error {
		on, err := strconv.ParseBool(text)
		if err != nil {
			return errors.New("use true or false")
		}
		*to = on
		return nil
	}
}

func (c *config) setRegion(text string) error {
	c.region = text
	if !regionName.MatchString(text) {
		return errors.New("use 1 to 32 lower case letters, digits and dashes, such as eu")
	}
	return nil
}

// regionName is what joins may ask for; empty is no region.
var regionName = regexp.MustCompile(`^[a-z0-9-]{0,32}$`)

func (c *config) setBuild(text string) error {
	c.build = text
	if len(text) > 64 {
		return errors.New("longer than 64 bytes")
	}
	return nil
}

func (c *config) setSecret(text string) error {
	if text == "" {
		return nil // the random one stays
	}
	c.secret = []byte(text)
	if len(text) < minSecret {
		return fmt.Errorf("shorter than %d bytes; use a random one, such as the output of openssl rand -hex 32", minSecret)
	}
	return nil
}

func (c *config) setLog(text string) error {
	c.logFormat = text
	if text != "text" && text != "json" {
		return errors.New("use text or json")
	}
	return nil
}

func (c *config) setConn(text string) error {
	c.pair = text == "pair" || !conn.CanPulse
	switch {
	case text == "pulsed" && !conn.CanPulse:
		return errors.New("only Linux has pulsed conns; use auto")
	case text != "auto" && text != "pulsed" && text != "pair":
		return errors.New("use auto, pulsed or pair")
	}
	return nil
}

// newPulse returns what drives the conns of a new room; nil lets each drive itself.
func (c *config) newPulse() *conn.Pulse {
	if c.pair {
		return nil
	}
	return conn.NewPulse()
}

func (c *config) setProxies(text string) (err error) {
	c.proxies, err = parseProxies(text)
	return err
}

func (c *config) setPublicURL(text string) error {
	c.publicURL = strings.TrimRight(text, "/")
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("not an http or https URL, such as https://game.example")
	}
	return nil
}
