// Package clientjs holds the built browser files: the SDK (roomtick.js and its parts)
// and the demo page (index.html and what it names). They are committed, so that a Go toolchain
// alone builds a server that serves them; `npm run build` in this folder makes them.
package clientjs

import "embed"

// Dist is the folder dist/ with everything the server hands to browsers.
//
//go:embed all:dist
var Dist embed.FS
