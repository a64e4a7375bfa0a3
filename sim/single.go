package sim

import (
	"reflect"
	"unsafe"
)

// Single is the one entity of its type that a room has, for its phase, its scores and
// the like. Everyone sees it. Declare it as a field of the game's struct.
type Single[T any] struct {
	store *Store
}

// singleID is the id of the entity of every Single; PROTOCOL.md 3.2.
const singleID ID = 1

// Get returns the entity; the pointer is valid as long as the game.
func (s *Single[T]) Get() *T { return (*T)(s.store.at(0)) }

func (s *Single[T]) element() reflect.Type { return reflect.TypeFor[T]() }
func (s *Single[T]) single() bool          { return true }
func (s *Single[T]) attach(store *Store) {
	s.store = store
	store.newChunk = func() unsafe.Pointer { return unsafe.Pointer(new(T)) }
	store.zero = zeroAt[T]
	store.spawn(singleID)
}
