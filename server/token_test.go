package server

import (
	"encoding/base64"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func sampleClaims(now time.Time) claims {
	return claims{
		Room: "ROOM", Node: "node", Player: "player", Nonce: "nonce", Seat: 7,
		EpochFloor: 1 << 50, Expires: time.UnixMilli(now.UnixMilli()).Add(seatTokenLife),
	}
}

func TestTokenProvesWhatWasSigned(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := signer{key: []byte("key")}
	want := sampleClaims(now)
	tok := s.sign(want)
	if strings.Trim(tok, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		t.Errorf("%q is not a subprotocol token", tok)
	}
	got, err := s.verify(tok, now)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestEveryChangedBitOfATokenIsRefused(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := signer{key: []byte("key")}
	raw, err := base64.RawURLEncoding.DecodeString(s.sign(sampleClaims(now)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(raw) * 8 {
		raw[i/8] ^= 1 << (i % 8)
		if _, err := s.verify(base64.RawURLEncoding.EncodeToString(raw), now); !errors.Is(err, ErrTokenInvalid) {
			t.Fatalf("bit %d flipped: %v", i, err)
		}
		raw[i/8] ^= 1 << (i % 8)
	}
}

func TestEveryPrefixOfATokenIsRefused(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := signer{key: []byte("key")}
	tok := s.sign(sampleClaims(now))
	for n := range tok {
		if _, err := s.verify(tok[:n], now); !errors.Is(err, ErrTokenInvalid) {
			t.Fatalf("%d characters: %v", n, err)
		}
	}
	for _, bad := range []string{tok + "A", tok + "=", tok + "\n", strings.Repeat("A", 1<<20)} {
		if _, err := s.verify(bad, now); !errors.Is(err, ErrTokenInvalid) {
			t.Errorf("%.20q...: %v", bad, err)
		}
	}
}

func TestTokenOfAnotherKeyIsRefused(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	tok := signer{key: []byte("one")}.sign(sampleClaims(now))
	if _, err := (signer{key: []byte("two")}).verify(tok, now); !errors.Is(err, ErrTokenInvalid) {
		t.Error(err)
	}
}

func TestTokenExpiresAfterThirtySeconds(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := signer{key: []byte("key")}
	tok := s.sign(sampleClaims(now))
	if _, err := s.verify(tok, now.Add(30*time.Second-time.Millisecond)); err != nil {
		t.Errorf("just before: %v", err)
	}
	if _, err := s.verify(tok, now.Add(30*time.Second)); !errors.Is(err, ErrTokenExpired) {
		t.Errorf("just after: %v", err)
	}
}

// Time tells nothing if the only comparison of secret bytes is hmac.Equal.
func TestMACIsComparedInConstantTimeOnly(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "token.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	equal := 0
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			switch x, _ := n.X.(*ast.Ident); {
			case x != nil && x.Name == "hmac" && n.Sel.Name == "Equal":
				equal++
			case x != nil && (x.Name == "bytes" || x.Name == "slices" || x.Name == "reflect"):
				t.Errorf("token.go uses %s.%s", x.Name, n.Sel.Name)
			}
		case *ast.BinaryExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Name == "mac" {
				t.Error("token.go compares mac with an operator")
			}
		}
		return true
	})
	if equal != 1 {
		t.Errorf("hmac.Equal is used %d times", equal)
	}
}

func FuzzVerify(f *testing.F) {
	now := time.Unix(1_800_000_000, 0)
	s := signer{key: []byte("key")}
	f.Add(s.sign(sampleClaims(now)))
	f.Add("")
	f.Fuzz(func(t *testing.T, tok string) {
		if c, err := s.verify(tok, now); err == nil && s.sign(c) != tok {
			t.Errorf("%q verifies but is not what was signed", tok)
		}
	})
}

func FuzzParseClaims(f *testing.F) {
	f.Add([]byte{1, 0, 7, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 'r', 1, 'n', 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) >= tokenHead {
			parseClaims(b)
		}
	})
}
