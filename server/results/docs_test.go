package results

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// blocks returns the code of a language in docs/results.md.
func blocks(t *testing.T, language string) (list []string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/results.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(page), "\n```"+language+"\n")[1:] {
		code, _, _ := strings.Cut(part, "\n```\n")
		list = append(list, code+"\n")
	}
	return list
}

func TestTheReceiverInTheDocumentIsTheOneThatIsTested(t *testing.T) {
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	const receiver = 1 // of the Go blocks
	want := "\t" + strings.TrimSuffix(strings.ReplaceAll(blocks(t, "go")[receiver], "\n", "\n\t"), "\t")
	if !strings.Contains(string(source), want) {
		t.Errorf("example_test.go does not have\n%s", want)
	}
}

func TestTheCheckForNodeInTheDocumentAgreesWithOurs(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node")
	}
	body, now := `{"id":"ü"}`, time.Unix(1_800_000_000, 0)
	header := Sign([]byte(body), now, newKey, oldKey)
	script := blocks(t, "js")[0] + `
const [header, body, good, other] = process.argv.slice(2)
const at = 1800000000
const checks = [
  verify(header, body, good, at), verify(header, Buffer.from(body), other, at + 300),
  verify(header, body + ' ', good, at), verify(header, body, 'wrong', at), verify(header, body, good, at + 301),
  verify(header, body, good, at - 301), verify('', body, good, at), verify('t=1800000000,v1=', body, good, at),
  verify('t=x,v1=00', body, good, at), verify('v1', body, good, at),
]
console.log(checks.map(Number).join(''))
`
	path := filepath.Join(t.TempDir(), "check.mjs")
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(node, path, header, body, string(newKey), string(oldKey)).CombinedOutput()
	if got := strings.TrimSpace(string(out)); err != nil || got != "1100000000" {
		t.Errorf("%s, %v", got, err)
	}
}
