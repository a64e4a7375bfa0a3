package html

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/roomtick/roomtick/loadtest/report"
)

// written returns the page of a run, as text and parsed.
func written(t *testing.T, r *report.Report) (string, *html.Node) {
	t.Helper()
	var w strings.Builder
	if err := Write(&w, r); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(w.String()))
	if err != nil {
		t.Fatal(err)
	}
	return w.String(), root
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// all returns the elements of a name that have a class, or all if class is empty.
func all(root *html.Node, name, class string) []*html.Node {
	var found []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == name && (class == "" || strings.Contains(" "+attribute(n, "class")+" ", " "+class+" ")) {
			found = append(found, n)
		}
	}
	return found
}

func text(n *html.Node) string {
	var t strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			t.WriteString(c.Data)
		}
	}
	return t.String()
}

func TestEveryLaneDrawsEverySecond(t *testing.T) {
	r := sample(30)
	_, root := written(t, r)
	lanes := 0
	for _, lane := range all(root, "div", "lane") {
		if attribute(lane, "data-lane") == "" {
			continue // the axis
		}
		lanes++
		for _, path := range all(lane, "path", "") {
			d := attribute(path, "d")
			if points := strings.Count(d, "M") + strings.Count(d, "L"); points < 29 { // the first second has nobody live
				t.Errorf("%s: %d points for 30 seconds: %s", text(lane), points, d)
			}
		}
	}
	if want := 11; lanes != want {
		t.Errorf("%d lanes, want %d", lanes, want)
	}
}

func TestTheCrosshairReadsWhatTheTimelineSays(t *testing.T) {
	r := sample(30)
	_, root := written(t, r)
	var got readout
	for _, script := range all(root, "script", "") {
		if attribute(script, "id") == "readout" {
			if err := json.Unmarshal([]byte(text(script)), &got); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(got.Times) != 30 || got.Times[9] != "10s" || got.Xs[29] != "1000" {
		t.Fatalf("times %v, places %v", got.Times, got.Xs)
	}
	if bots := got.Lanes[0]; bots[1][4] != "400" || bots[0][4] != "500" {
		t.Errorf("bots: %v", bots)
	}
	if echo := got.Lanes[1]; echo[0][3] != "37" || echo[0][24] != "1037" {
		t.Errorf("echo p50: %v", echo[0])
	}
}

func TestThePageAsksForNothingElsewhere(t *testing.T) {
	page, root := written(t, sample(30))
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if strings.Contains(a.Val, "//") || a.Key == "src" || a.Key == "href" {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
	}
	for _, word := range []string{"@import", "url(", "fetch(", "XMLHttpRequest", "import("} {
		if strings.Contains(page, word) {
			t.Errorf("%s is in the page", word)
		}
	}
	links := strings.ReplaceAll(page, sample(1).Config.URL, "")
	for _, scheme := range []string{"http:", "https:"} {
		if strings.Contains(links, scheme+"//") {
			t.Errorf("%s// is in the page", scheme)
		}
	}
}

func TestWhatOthersWroteStaysText(t *testing.T) {
	evil := `</script><script>alert(1)</script><img src=x onerror="alert(2)">`
	r := sample(5)
	r.Config.Args, r.Config.URL, r.Config.Game, r.Config.Net = []string{evil}, evil, evil, evil
	r.Verdict = report.Verdict{Failures: []string{evil}, Checks: []report.Assertion{{Text: evil}}, Doubts: []string{evil}}
	r.Delta.Tables[evil] = report.Fields{evil: 1_000_000}
	r.Totals.Faults = map[string]int64{evil: 3}
	_, root := written(t, r)
	if n := len(all(root, "script", "")); n != 2 {
		t.Errorf("%d scripts, want our 2", n)
	}
	if n := len(all(root, "img", "")); n != 0 {
		t.Errorf("%d images", n)
	}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
	}
	if !strings.Contains(text(all(root, "header", "")[0]), evil) {
		t.Error("the failure is not shown as it was")
	}
}

func TestALongRunMakesNoLargePage(t *testing.T) {
	short, _ := written(t, sample(60))
	long, _ := written(t, sample(4*3600))
	if len(short) > 120_000 || len(long) > 900_000 {
		t.Errorf("a minute takes %d B, four hours %d B", len(short), len(long))
	}
	if !strings.Contains(long, "One point for 24 seconds, the worst of them.") {
		t.Error("nothing says that the seconds were put together")
	}
}

func TestAColumnOfSecondsShowsItsPeak(t *testing.T) {
	r := sample(1200)
	_, columns, _ := thin(r.Timeline)
	p := quantiles("", "", r.Totals.EchoMS, func(p *report.Point) report.Quantiles { return p.Echo })
	if got := worst(columns[12], p.series[2].of, false); got < 2000 {
		t.Errorf("the peak of second 25 shows as %v", got)
	}
}

func TestTheVerdictIsTheFirstWord(t *testing.T) {
	for _, c := range []struct {
		verdict report.Verdict
		word    string
		class   string
	}{
		{report.Verdict{OK: true, Valid: true}, "PASSED", "good"},
		{report.Verdict{OK: true, Doubts: []string{"lagged by 44 ms"}}, "INVALID", "doubt"},
		{report.Verdict{Valid: true, Failures: []string{"7 bots missed ticks"}}, "FAILED", "bad"},
		{report.Verdict{OK: true, Valid: true, Failed: 1, Checks: []report.Assertion{{Text: "reach>1", Value: 0.99987}}}, "ASSERTION FAILED", "bad"},
	} {
		r := sample(3)
		r.Verdict = c.verdict
		_, root := written(t, r)
		if got := text(all(root, "h1", "")[0]); got != c.word || len(all(root, "header", c.class)) != 1 {
			t.Errorf("%+v is drawn as %q", c.verdict, got)
		}
		head := text(all(root, "header", "")[0])
		for _, reason := range append(c.verdict.Doubts, c.verdict.Failures...) {
			if !strings.Contains(head, reason) {
				t.Errorf("%q is not at the top", reason)
			}
		}
		for _, a := range c.verdict.Checks {
			if !strings.Contains(head, a.Text) || !strings.Contains(head, fmt.Sprintf("%.4f", a.Value)) {
				t.Errorf("the assertion is drawn as %q", head)
			}
		}
	}
}

func TestAnEmptyRunStillMakesAPage(t *testing.T) {
	_, root := written(t, &report.Report{})
	if got := text(all(root, "h1", "")[0]); got != "INVALID" {
		t.Errorf("%q", got)
	}
}
