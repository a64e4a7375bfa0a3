package results

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv("ROOMTICK_CRASH_DIR") != "" {
		runVictim()
		return
	}
	goleak.VerifyTestMain(m)
}
