// Package identity says who a player is, by a JSON Web Token of the studio's own login.
// It only checks: nothing here signs.
package identity

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
)

// Why a token is refused. The wrapped error says more, and nothing that the owner of the
// token may not know.
var (
	ErrExpired = errors.New("identity: token has expired")
	ErrInvalid = errors.New("identity: token not valid")
)

// Identity is what a token proves.
type Identity struct {
	Player  string    // claim sub, 1 to 128 bytes
	Name    string    // claim name; empty if it has none
	Skill   *Skill    // claim skill; nil if it has none
	Expires time.Time // claim exp
}

// Skill is what the login knows of a player's skill, in the queues' own unit.
type Skill struct {
	Mean      float64
	Deviation float64 // how uncertain that is; 0 if the claim is a plain number
}

// Limits of a token.
const (
	maxToken  = 8 << 10 // bytes; logins with many claims take 2 KB
	maxPlayer = 128     // bytes of sub: it goes into seat tokens and results
	maxName   = 256     // bytes; the server shortens it further

	// leeway is how far the login's clock may be ahead of ours. It never lengthens a
	// token's life.
	leeway = 5 * time.Second

	// reloadEvery bounds how often unknown signatures make us read the key file again.
	reloadEvery = 10 * time.Second
)

// Config is what tokens are held against.
type Config struct {
	Key      string // path of a file, or the secret itself; see parseKeys
	Issuer   string // that iss must name; empty takes any
	Audience string // that aud must name; empty takes any
}

// Verifier checks tokens. It is safe from any goroutine.
type Verifier struct {
	cfg Config

	mu   sync.Mutex // guards the following
	keys keys
	read time.Time // when they were read last
}

// New reads the keys. The error says what is wrong with them and what to give instead.
func New(cfg Config, now time.Time) (*Verifier, error) {
	keys, err := readKeys(cfg.Key)
	if err != nil {
		return nil, err
	}
	return &Verifier{cfg: cfg, keys: keys, read: now}, nil
}

// Verify returns what token proves at now, or ErrExpired or ErrInvalid. A signature that
// no key has made is tried again with the keys of the file as it is now, so that a login
// may change its keys while this server runs.
func (v *Verifier) Verify(token string, now time.Time) (Identity, error) {
	if len(token) > maxToken {
		return Identity{}, fmt.Errorf("%w: longer than %d bytes", ErrInvalid, maxToken)
	}
	id, err := v.check(token, v.current(), now)
	if errors.Is(err, errNoKey) || errors.Is(err, jwt.ErrTokenSignatureInvalid) {
		if again, changed := v.reread(now); changed {
			id, err = v.check(token, again, now)
		}
	}
	switch {
	case err == nil:
		return id, nil
	case errors.Is(err, jwt.ErrTokenExpired):
		return Identity{}, ErrExpired
	}
	return Identity{}, fmt.Errorf("%w: %s", ErrInvalid, reason(err))
}

func (v *Verifier) current() keys {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.keys
}

// reread reads the key file again, unless it did so a moment ago. A file that is broken
// changes nothing: somebody may be writing it.
func (v *Verifier) reread(now time.Time) (keys, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if now.Sub(v.read) < reloadEvery {
		return v.keys, false
	}
	v.read = now
	fresh, err := readKeys(v.cfg.Key)
	if err != nil {
		return v.keys, false
	}
	v.keys = fresh
	return fresh, true
}

// claims is what we read of a token.
type claims struct {
	jwt.RegisteredClaims
	Name  string `json:"name"`
	Skill any    `json:"skill"`
}

func (v *Verifier) check(token string, k keys, now time.Time) (Identity, error) {
	options := []jwt.ParserOption{
		jwt.WithTimeFunc(func() time.Time { return now }), jwt.WithLeeway(leeway),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithValidMethods(k.methods()),
	}
	if v.cfg.Issuer != "" {
		options = append(options, jwt.WithIssuer(v.cfg.Issuer))
	}
	if v.cfg.Audience != "" {
		options = append(options, jwt.WithAudience(v.cfg.Audience))
	}
	var c claims
	if _, err := jwt.NewParser(options...).ParseWithClaims(token, &c, k.forToken); err != nil {
		return Identity{}, err
	}
	if !now.Before(c.ExpiresAt.Time) {
		return Identity{}, jwt.ErrTokenExpired
	}
	return c.identity()
}

var (
	errSub   = errors.New("sub is not 1 to 128 printable bytes")
	errSkill = errors.New(`skill is neither a number nor {"mean": number, "deviation": number}`)
)

func (c *claims) identity() (Identity, error) {
	if c.Subject == "" || len(c.Subject) > maxPlayer || !printable(c.Subject) {
		return Identity{}, errSub
	}
	id := Identity{Player: c.Subject, Name: c.Name[:min(len(c.Name), maxName)], Expires: c.ExpiresAt.Time}
	switch s := c.Skill.(type) {
	case nil:
		return id, nil
	case float64:
		id.Skill = &Skill{Mean: s}
	case map[string]any:
		mean, ok := s["mean"].(float64)
		deviation, given := s["deviation"].(float64)
		if !ok || !given && s["deviation"] != nil || deviation < 0 {
			return Identity{}, errSkill
		}
		id.Skill = &Skill{Mean: mean, Deviation: deviation}
	default:
		return Identity{}, errSkill
	}
	if math.IsInf(id.Skill.Mean, 0) || math.IsInf(id.Skill.Deviation, 0) {
		return Identity{}, errSkill
	}
	return id, nil
}

func printable(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// reason says what is wrong with a token in our own words: the library's repeat themselves.
func reason(err error) string {
	for _, known := range []struct {
		err  error
		text string
	}{
		{errNoKey, "its alg, or its kid, belongs to none of our keys"},
		{jwt.ErrTokenSignatureInvalid, "the signature is not of our key, or alg is not one of it"},
		{jwt.ErrTokenMalformed, "it is not a JSON Web Token"},
		{jwt.ErrTokenNotValidYet, "nbf is in the future"},
		{jwt.ErrTokenUsedBeforeIssued, "iat is in the future"},
		{jwt.ErrTokenInvalidIssuer, "iss is another"},
		{jwt.ErrTokenInvalidAudience, "aud is another"},
		{jwt.ErrTokenRequiredClaimMissing, "exp, iss or aud is missing"},
		{errSub, errSub.Error()},
		{errSkill, errSkill.Error()},
	} {
		if errors.Is(err, known.err) {
			return known.text
		}
	}
	return "it cannot be read"
}
