package sim

import "testing"

func TestGoNamesBecomeLowerCamelCase(t *testing.T) {
	for goName, want := range map[string]string{
		"HP": "hp", "VX": "vx", "ID": "id", "HPMax": "hpMax", "URLPath": "urlPath", "X": "x", "Angle": "angle",
		"Ships": "ships", "HP2": "hp2", "X1": "x1", "MaxHP": "maxHP", "ÄBc": "äBc", "aB": "aB",
	} {
		if got := wireName(goName); got != want {
			t.Errorf("%s becomes %s, want %s", goName, got, want)
		}
	}
}
