package impair

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// units of a bandwidth; the last that fits is used for printing.
var units = [...]struct {
	name string
	bits int64
}{{"bit", 1}, {"kbit", 1e3}, {"Mbit", 1e6}, {"Gbit", 1e9}}

// Parse reads a profile such as "rtt=80ms,jitter=20ms,bw=256kbit,stall=1%,blackout=10s@30s".
// Every part may be left out; an empty text is a network without fault. All mistakes
// are reported at once, each with how to write it.
func Parse(text string) (Profile, error) {
	var p Profile
	if strings.TrimSpace(text) == "" {
		return p, nil
	}
	var errs []error
	seen := map[string]bool{}
	for part := range strings.SplitSeq(text, ",") {
		key, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case !ok:
			errs = append(errs, fmt.Errorf("%q has no value: write it like rtt=80ms", part))
		case seen[key]:
			errs = append(errs, fmt.Errorf("%s is there twice", key))
		default:
			if err := p.set(key, value); err != nil {
				errs = append(errs, err)
			}
		}
		seen[key] = true
	}
	return p, errors.Join(errs...)
}

func (p *Profile) set(key, value string) (err error) {
	switch key {
	case "rtt":
		p.RTT, err = parseTime(key, value, "80ms")
	case "jitter":
		p.Jitter, err = parseTime(key, value, "20ms")
	case "bw":
		p.Bandwidth, err = parseBandwidth(value)
	case "stall":
		p.Stall, err = parseShare(value)
	case "blackout":
		err = p.setBlackout(value)
	default:
		return fmt.Errorf("%q is not known: there are rtt, jitter, bw, stall and blackout", key)
	}
	return err
}

func (p *Profile) setBlackout(value string) error {
	length, at, ok := strings.Cut(value, "@")
	if !ok {
		return fmt.Errorf("blackout=%s does not say when: write it like blackout=10s@30s, for 10 s from 30 s on", value)
	}
	var first, second error
	p.Blackout, first = parseTime("blackout", length, "10s@30s")
	p.BlackoutAt, second = parseTime("blackout", at, "10s@30s")
	return errors.Join(first, second)
}

func parseTime(key, value, example string) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%s: %q is not a time: write it like %s=%s", key, value, key, example)
	}
	return d, nil
}

func parseBandwidth(value string) (int64, error) {
	for i := len(units) - 1; i >= 0; i-- {
		number, ok := strings.CutSuffix(value, units[i].name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(number, 64)
		bits := math.Round(n * float64(units[i].bits))
		if err != nil || !(bits >= 1 && bits <= 1e15) {
			break
		}
		return int64(bits), nil
	}
	return 0, fmt.Errorf("bw: %q is not a bandwidth: write it like bw=256kbit or bw=2Mbit", value)
}

func parseShare(value string) (float64, error) {
	number, percent := strings.CutSuffix(value, "%")
	share, err := strconv.ParseFloat(number, 64)
	if percent {
		share /= 100
	}
	if err != nil || !(share >= 0 && share <= 0.5) {
		return 0, fmt.Errorf("stall: %q is not a share of 0%% to 50%%: write it like stall=1%%", value)
	}
	return share, nil
}
