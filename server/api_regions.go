package server

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

// pingPath is what clients measure how far a region is by: an answer without a body, and
// without a look at anything.
const pingPath = "/v1/ping"

// regionInfo is a region that a client can measure.
type regionInfo struct {
	Region string `json:"region" doc:"As region, latencies and GET /v1/rooms name it." example:"eu"`
	Ping   string `json:"ping" format:"uri" doc:"Answers a GET with 204 at once. The second of two is the round trip: the first opens the conn."`
}

type regionsInput struct{ address }

type regionsOutput struct {
	NoStore string `header:"Cache-Control"`
	Body    struct {
		Regions []regionInfo `json:"regions" nullable:"false" doc:"Ordered by name. Those that cannot be told apart from outside are left out."`
	}
}

// regionsHTTP is GET /v1/regions.
func (n *node) regionsHTTP(_ context.Context, in *regionsInput) (*regionsOutput, error) {
	out := &regionsOutput{NoStore: "no-store"}
	pings := n.pings(in.base)
	out.Body.Regions = make([]regionInfo, 0, len(pings))
	for _, region := range slices.Sorted(maps.Keys(pings)) {
		out.Body.Regions = append(out.Body.Regions, regionInfo{Region: region, Ping: pings[region] + pingPath})
	}
	return out, nil
}

// pings is an address in each region, for a client that reached us as base. A node that
// has no address of its own is somewhere behind base; so is this one then. An address that
// leads to several regions, such as that of a load balancer, says nothing about any.
func (n *node) pings(base string) map[string]string {
	regions := make(map[string][]string) // by address
	lead := func(address, region string) {
		if region != "" && !slices.Contains(regions[address], region) {
			regions[address] = append(regions[address], region)
		}
	}
	lead(cmp.Or(n.cfg.publicURL, base), n.cfg.region)
	for _, to := range n.cluster.all() {
		if to.ID != n.id && !to.Draining {
			lead(cmp.Or(to.Address, base), to.Region)
		}
	}
	all := make(map[string]string, len(regions))
	for _, address := range slices.Sorted(maps.Keys(regions)) {
		if of := regions[address]; len(of) == 1 && all[of[0]] == "" {
			all[of[0]] = address
		}
	}
	return all
}

// pingHTTP is GET /v1/ping.
func (n *node) pingHTTP(context.Context, *struct{}) (*pingOutput, error) {
	return &pingOutput{NoStore: "no-store"}, nil
}

type pingOutput struct {
	NoStore string `header:"Cache-Control"`
}

func (n *node) describeRegions(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "regions", Method: http.MethodGet, Path: "/v1/regions",
		Summary: "List the regions that there are servers in, and what to measure them by",
	}, n.regionsHTTP)
	huma.Register(api, huma.Operation{
		OperationID: "ping", Method: http.MethodGet, Path: pingPath, DefaultStatus: http.StatusNoContent,
		Summary: "Answer at once",
	}, n.pingHTTP)
}
