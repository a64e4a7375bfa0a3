package directory

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// check finds out whether Redis is one that can be used, once, as soon as it answers: until
// then no other call goes through. The error is ErrUnfit if that takes another setting, any
// other if it may pass.
func (d *Redis) check(ctx context.Context) error {
	if d.fit.Load() {
		return nil
	}
	if wrong := d.unfit.Load(); wrong != nil {
		return *wrong
	}
	err := d.checkPolicy(ctx)
	if err == nil {
		err = d.loadScripts(ctx)
	}
	if err == nil {
		d.fit.Store(true)
	} else if errors.Is(err, ErrUnfit) {
		d.unfit.Store(&err)
	}
	return err
}

// checkPolicy fails unless Redis keeps every key.
func (d *Redis) checkPolicy(ctx context.Context) error {
	info, err := d.client.Info(ctx, "memory").Result()
	if err != nil {
		return fitness(err)
	}
	for line := range strings.Lines(info) {
		if policy, ok := strings.CutPrefix(strings.TrimSpace(line), "maxmemory_policy:"); ok {
			if policy != "noeviction" {
				return fmt.Errorf("%w: maxmemory-policy is %s: it would drop rooms and results; run `redis-cli config set maxmemory-policy noeviction`", ErrUnfit, policy)
			}
			return nil
		}
	}
	return fmt.Errorf("%w: it does not say its maxmemory-policy in INFO memory", ErrUnfit)
}

// loadScripts sends all scripts ahead, so that the first players do not wait for that. It
// leaves redis.Script.Load alone, which in a pipeline reads the script's hash before there
// is an answer, and forgets it: every call would send the whole script from then on.
func (d *Redis) loadScripts(ctx context.Context) error {
	_, err := d.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, source := range d.sources {
			p.ScriptLoad(ctx, source)
		}
		return nil
	})
	return fitness(err)
}

// fitness tells what waiting does not cure from what it may: an error that Redis itself
// has answered, other than that it is not ready yet, is the former, and so is one about
// its certificate. Whoever is not reached, or does not speak, may be about to start.
func fitness(err error) error {
	var said redis.Error
	var certificate *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &certificate), errors.As(err, &plain):
		return fmt.Errorf("%w: %w; check rediss:// or redis:// in the URL, and the certificate", ErrUnfit, err)
	case !errors.As(err, &said), passes(err):
		return err
	case redis.IsAuthError(err), strings.HasPrefix(said.Error(), "ERR AUTH"):
		return fmt.Errorf("%w: %w; check user and password in the URL", ErrUnfit, err)
	}
	return fmt.Errorf("%w: %w", ErrUnfit, err)
}

// passes tells whether an answer of Redis is one of a Redis that is busy, starting or short
// of something.
func passes(err error) bool {
	return redis.IsLoadingError(err) || redis.IsMasterDownError(err) || redis.IsClusterDownError(err) ||
		redis.IsTryAgainError(err) || redis.IsReadOnlyError(err) || redis.IsMaxClientsError(err) ||
		redis.IsOOMError(err) || redis.HasErrorPrefix(err, "BUSY")
}
