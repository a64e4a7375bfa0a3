package server

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/roomtick/roomtick/"

// layers says, per package subtree, which packages of this module it may import.
// "sim/arena" and "sim/wander" are games: they see nothing but sim.
var layers = []struct{ subtree, mayImport string }{
	{"schema", "schema"},
	{"sim/arena", "sim sim/arena"},
	{"sim/wander", "sim sim/wander"},
	{"sim", "schema sim"},
	{"room", "schema sim room"},
	{"client-js", ""},
	{"examples", "sim server"},
	{"loadtest/bench", "schema sim sim/arena room/delta loadtest server/queue"}, // the matcher is pure
	{"loadtest", "schema sim sim/arena room/delta loadtest"},
	{"server/directory", "server/directory"},
	{"server", "schema sim room server client-js"},
}

// forbidden names packages that a subtree must not reach even through others.
var forbidden = []struct{ subtree, packages string }{
	{"schema", "net net/http log/slog"},
	{"sim", "net net/http log/slog"},
	{"room", "net net/http crypto/tls"},
	{"loadtest/impair", "charm.land/bubbletea/v2 charm.land/lipgloss/v2 golang.org/x/term"},
	{"loadtest/client", "charm.land/bubbletea/v2 charm.land/lipgloss/v2 golang.org/x/term"},
	{"loadtest/report", "net net/http charm.land/bubbletea/v2 charm.land/lipgloss/v2"},
}

// direct names packages that a subtree must not import itself.
var direct = []struct{ subtree, packages string }{
	{"schema", "time os log context"},
	{"sim", "time net os log log/slog math/rand math/rand/v2 sync sync/atomic context"},
	{"server/queue", "time net net/http os log log/slog context sync sync/atomic math/rand math/rand/v2"},
	{"room/delta", "time os log log/slog context sync"},
}

// confined names packages that only one place may import.
var confined = []struct{ path, only string }{
	{"github.com/coder/websocket", "server/conn loadtest/client"},
	{"github.com/redis/go-redis/v9", "server/directory"},
	{"github.com/golang-jwt/jwt/v5", "server/identity"},
	{"charm.land/bubbletea/v2", "loadtest/dash"},
	{"charm.land/lipgloss/v2", "loadtest/dash"},
	{"github.com/evanw/esbuild/pkg/api", "server/cmd/roomtick"},
}

type goPackage struct {
	path          string
	imports, deps []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}|{{join .Imports " "}}|{{join .Deps " "}}`, module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var list []goPackage
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSpace(line), "|")
		list = append(list, goPackage{strings.TrimPrefix(f[0], module), strings.Fields(f[1]), strings.Fields(f[2])})
	}
	if len(list) < 8 {
		t.Fatalf("go list found only %d packages", len(list))
	}
	return list
}

func within(path, subtrees string) bool {
	for _, s := range strings.Fields(subtrees) {
		if path == s || strings.HasPrefix(path, s+"/") {
			return true
		}
	}
	return false
}

// violations returns every broken rule of pkgs in words.
func violations(pkgs []goPackage) []string {
	var found []string
	for _, p := range pkgs {
		for _, l := range layers {
			if !within(p.path, l.subtree) {
				continue
			}
			for _, imp := range p.imports {
				own, ours := strings.CutPrefix(imp, module)
				if ours && !within(own, l.mayImport) {
					found = append(found, p.path+" imports "+own)
				}
			}
			break // the first matching subtree is the most specific one
		}
		for _, f := range forbidden {
			for _, bad := range strings.Fields(f.packages) {
				if within(p.path, f.subtree) && slices.Contains(p.deps, bad) {
					found = append(found, p.path+" reaches "+bad)
				}
			}
		}
		for _, d := range direct {
			for _, bad := range strings.Fields(d.packages) {
				if within(p.path, d.subtree) && slices.Contains(p.imports, bad) {
					found = append(found, p.path+" imports "+bad)
				}
			}
		}
		for _, c := range confined {
			if slices.Contains(p.imports, c.path) && !within(p.path, c.only) {
				found = append(found, p.path+" imports "+c.path)
			}
		}
	}
	return found
}

func TestPackagesImportOnlyWhatTheirLayerMay(t *testing.T) {
	for _, v := range violations(packages(t)) {
		t.Error(v)
	}
}

func TestImportRulesCatchEachKindOfViolation(t *testing.T) {
	for _, p := range []goPackage{
		{path: "sim", imports: []string{module + "room"}},
		{path: "sim/arena", imports: []string{module + "schema"}},
		{path: "room", deps: []string{"net/http"}},
		{path: "sim", imports: []string{"time"}},
		{path: "server/queue", imports: []string{"time"}},
		{path: "room", imports: []string{"github.com/coder/websocket"}},
		{path: "loadtest", imports: []string{module + "server"}},
		{path: "schema/wire", imports: []string{module + "sim"}},
		{path: "loadtest/impair", deps: []string{"charm.land/bubbletea/v2"}},
		{path: "loadtest/html", imports: []string{"charm.land/lipgloss/v2"}},
	} {
		if len(violations([]goPackage{p})) == 0 {
			t.Errorf("%+v breaks a rule that nobody noticed", p)
		}
	}
}
