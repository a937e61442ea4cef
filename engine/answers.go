package engine

import (
	"context"
	"strings"
	"sync"
)

// answers are what tools have told in one run, so that each host is asked each question
// once, however many profiles go there.
type answers struct {
	mu sync.Mutex
	of map[string]*answer
}

type answer struct {
	once sync.Once
	text string
	err  error
}

type answersKey struct{}

// Remembering is a context in which a short question to a tool is asked once; the others
// who ask it wait for that answer.
func Remembering(ctx context.Context) context.Context {
	return context.WithValue(ctx, answersKey{}, &answers{of: map[string]*answer{}})
}

// remembered is the answer to a question, which is put unless it was before.
func remembered(ctx context.Context, question []string, put func() (string, error)) (string, error) {
	all, ok := ctx.Value(answersKey{}).(*answers)
	if !ok {
		return put()
	}
	key := strings.Join(question, "\x00")
	all.mu.Lock()
	one := all.of[key]
	if one == nil {
		one = &answer{}
		all.of[key] = one
	}
	all.mu.Unlock()
	one.once.Do(func() { one.text, one.err = put() })
	return one.text, one.err
}
