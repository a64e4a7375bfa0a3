package codec

import (
	"fmt"
	"testing"

	"github.com/roomtick/roomtick/loadtest/trace/pile"
)

// BenchmarkPile is a field of 901 rigid cubes, most of them asleep, lossless: its bytes
// a frame, and the time of encoder and decoder.
func BenchmarkPile(b *testing.B) {
	for _, form := range []string{"numbers", "smallest"} {
		tr := pile.Scene{Cubes: 900, Frames: 300, Seed: 1, Smallest: form == "smallest"}.Trace()
		for _, rate := range []int{60, 20} {
			b.Run(fmt.Sprintf("rotation=%s/send=%d", form, rate), func(b *testing.B) {
				var r *Result
				for b.Loop() {
					var err error
					if r, err = Run(tr, rate); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(r.BytesPerFrame.Mean, "B/frame")
				b.ReportMetric(r.ChangedPerFrame, "changed/frame")
				b.ReportMetric(r.EncodeNsPerEntity*r.EntitiesPerFrame/1000, "encode-us/frame")
				b.ReportMetric(r.DecodeNsPerEntity*r.EntitiesPerFrame/1000, "decode-us/frame")
			})
		}
	}
}
