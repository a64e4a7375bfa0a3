package html

import (
	"strings"
	"testing"
)

func TestTheTablesTellTheWorstBotAndWhatWasShared(t *testing.T) {
	_, root := written(t, sample(30))
	tables := ""
	for _, table := range all(root, "table", "") {
		tables += text(table) + "\n"
	}
	for _, want := range []string{
		"2013 ms without a snapshot: bot 17, from 24s on; room abc",
		"96.0% were encoded for another bot already: 4 encodings; jump: 10, step: 90",
		"50 % at 20s",
	} {
		if !strings.Contains(tables, want) {
			t.Errorf("no %q in\n%s", want, tables)
		}
	}
}
