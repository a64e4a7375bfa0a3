package identity_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/roomtick/roomtick/server/identity"
)

// A login signs what it knows of a player; the server checks it by the public key.
func ExampleVerifier() {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		panic(err)
	}
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	token, err := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{
		"sub": "account-1", "name": "Ada", "skill": map[string]float64{"mean": 1500, "deviation": 80},
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "iss": "studio", "aud": "mygame",
	}).SignedString(private)
	if err != nil {
		panic(err)
	}

	key := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}) // as a file of -jwt-key
	v, err := identity.New(identity.Config{Key: string(key), Issuer: "studio", Audience: "mygame"}, now)
	if err != nil {
		panic(err)
	}
	id, err := v.Verify(token, now)
	fmt.Println(id.Player, id.Name, id.Skill.Mean, err)
	_, err = v.Verify(token, now.Add(2*time.Hour))
	fmt.Println(err)
	// Output:
	// account-1 Ada 1500 <nil>
	// identity: token has expired
}
