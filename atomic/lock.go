package atomic

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// TryLock takes the lock of an open file or directory, unless somebody has it.
// Closing the file, or the end of the process, frees it.
func TryLock(f *os.File) (taken bool, err error) {
	for {
		switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, syscall.EINTR):
			return false, &os.PathError{Op: "lock", Path: f.Name(), Err: err}
		}
	}
}

// Lock waits until it has the lock of an open file or directory, or until ctx
// ends; the error is that of TryLock or the cause of ctx.
func Lock(ctx context.Context, f *os.File) error {
	for {
		if taken, err := TryLock(f); taken || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
