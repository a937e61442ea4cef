package process

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestForeground: a program that asks at the terminal must be in the terminal's
// foreground process group, which is ours; the others have one of their own.
func TestForeground(t *testing.T) {
	group := func(foreground bool) string {
		var out strings.Builder
		c := Cmd{Args: []string{"sh", "-c", `ps -o pgid= -p $$`}, Foreground: foreground}
		if err := Run(context.Background(), c, &out, nil); err != nil {
			t.Skipf("SKIPPED: %v", err)
		}
		return strings.TrimSpace(out.String())
	}
	ours := fmt.Sprint(syscall.Getpgrp())
	if got := group(true); got != ours {
		t.Errorf("process group %s, want ours, %s", got, ours)
	}
	if got := group(false); got == ours {
		t.Errorf("process group %s is ours", got)
	}

	// It ends with the context all the same, and we do not.
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(50*time.Millisecond, func() { cancel(Interrupted{syscall.SIGTERM}) })
	err := Run(ctx, Cmd{Args: []string{"sleep", "60"}, Foreground: true}, nil, nil)
	var cut Interrupted
	if !errors.As(err, &cut) {
		t.Errorf("%v", err)
	}
}
