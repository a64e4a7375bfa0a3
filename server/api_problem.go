package server

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// asProblem is a huma.Transformer: what huma itself refuses (bodies, mostly) becomes
// a Problem with our codes and hints.
func asProblem(ctx huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	if e.Status >= http.StatusInternalServerError {
		return internal(), nil
	}
	if ctx.Method() == http.MethodGet {
		return badQuery(e.Status, detailOf(e)), nil
	}
	return badBody(e.Status, detailOf(e)), nil
}

// detailOf joins what is wrong with a body, field by field. Values are left out: they
// are the client's own and may be long.
func detailOf(e *huma.ErrorModel) string {
	var b strings.Builder
	b.WriteString(e.Detail)
	for i, d := range e.Errors {
		if i == 4 { // one mistake is rarely alone, and nobody reads more
			b.WriteString("; and more")
			break
		}
		b.WriteString("; ")
		if d.Location != "" {
			b.WriteString(d.Location + ": ")
		}
		b.WriteString(d.Message)
	}
	return b.String()
}

// dropBuiltinErrors removes huma's own error type from the description; no answer
// uses it.
func dropBuiltinErrors(spec *huma.OpenAPI) {
	schemas := spec.Components.Schemas.Map()
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	for _, path := range spec.Paths {
		for _, op := range []*huma.Operation{path.Get, path.Post, path.Delete} {
			if op != nil {
				delete(op.Responses, "default")
			}
		}
	}
}
