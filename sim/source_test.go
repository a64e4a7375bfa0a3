package sim

import (
	"strings"
	"testing"
)

func TestSourceIsWhereStepIsWritten(t *testing.T) {
	if at := crowdGame.Source(); !strings.Contains(at, "limits_test.go:") {
		t.Errorf("%q", at)
	}
}
