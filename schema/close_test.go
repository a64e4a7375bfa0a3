package schema

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestCloseCodesAreTheTableOfTheSpecification(t *testing.T) {
	spec, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	next := CloseLeft
	for line := range strings.Lines(string(spec)) {
		if !strings.HasPrefix(line, "| 4") {
			continue
		}
		reconnect := "no"
		if next.Reconnect() {
			reconnect = "yes"
		}
		want := fmt.Sprintf("| %d | %s | %s | %s |", next, next, reconnect, next.Hint())
		if strings.TrimSpace(line) != want {
			t.Errorf("the specification says\n%sthe code says\n%s", line, want)
		}
		next++
	}
	if next != CloseSessionExpired+1 {
		t.Errorf("the specification ends at %d", next-1)
	}
}

func TestAnUnknownCloseCodeMayReconnect(t *testing.T) {
	c := CloseSessionExpired + 1
	if c.String() != "unknown" || !c.Reconnect() {
		t.Errorf("%d is %q, reconnect %v", c, c, c.Reconnect())
	}
}
