package profile

import "sync"

// once is a value that is made at its first use and never changed. It is sync.OnceValue for a table with functions in
// its rows that look into the table: what a variable has from the start may not refer to it.
type once[T any] struct {
	sync  sync.Once
	value T
}

func (o *once[T]) by(makes func() T) T {
	o.sync.Do(func() { o.value = makes() })
	return o.value
}
