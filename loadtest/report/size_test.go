package report

import "testing"

func TestSizesHaveThreeDigitsAndAUnit(t *testing.T) {
	for bytes, want := range map[float64]string{0: "0 B", 999: "999 B", 1234: "1.23 kB", 12345: "12.3 kB", 345678: "346 kB", 3368085: "3.37 MB", 2e10: "20.0 GB"} {
		if got := Size(bytes); got != want {
			t.Errorf("%v: %q, want %q", bytes, got, want)
		}
	}
}

func TestWhatWasSharedNeedsNoEncoding(t *testing.T) {
	s := Server{Deltas: Forms{"step": 60, "jump": 40}, Encodings: 20}
	if share, known := s.Shared(); !known || share != 0.8 {
		t.Errorf("shared %v, known %v", share, known)
	}
	s.Encodings = 150 // some were sent to nobody
	if share, known := s.Shared(); !known || share != 0 {
		t.Errorf("shared %v, known %v", share, known)
	}
	if _, known := new(Server).Shared(); known {
		t.Error("a share of nothing is known")
	}
}
