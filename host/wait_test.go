package host

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestPipe: a pipe where a file is looked for is left alone; reading it would never end.
func TestPipe(t *testing.T) {
	w := newWorld(t)
	config, unit := w.home(".ssh/config"), w.home(".config/systemd/user/vmloom-dev.service")
	for _, file := range []string{config, unit} {
		w.ok(os.MkdirAll(filepath.Dir(file), 0o755))
		w.ok(syscall.Mkfifo(file, 0o600))
	}
	left := make(chan []string, 1)
	go func() { left <- whys(w.look(w.set(linux)).Of(Left)) }()
	select {
	case got := <-left:
		w.want("what is left", got[:2], []string{
			unit + ": is not a plain file: left to what made it",
			config + ": is no plain file",
		})
	case <-time.After(10 * time.Second):
		t.Fatal("still reads a pipe")
	}
}

// TestWaitEnds: a run that waits for another one hears Ctrl-C, and has done nothing.
func TestWaitEnds(t *testing.T) {
	w := newWorld(t)
	p := w.look(w.set(linux))
	dir := recordDir(w.layout)
	w.ok(os.MkdirAll(dir, 0o700))
	unlock, err := lock(context.Background(), dir)
	w.ok(err)
	defer unlock()
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Apply(ctx, nil) }()
	time.Sleep(200 * time.Millisecond)
	cancel(stop)
	select {
	case err := <-ended:
		if !errors.Is(err, stop) {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("still waits")
	}
	if exists(w.home(".config")) {
		t.Error("something was installed without the lock")
	}
}
