//go:build !linux

package conn

// kinds are the ways to run a conn.
func kinds() map[string]opener { return map[string]opener{"pair": open} }
