package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// LastLines is how many lines of a tool's talk an error keeps.
const LastLines = 20

// Grace is how long a process has between the first signal and SIGKILL.
const Grace = 10 * time.Second

// Interrupted is the cause to cancel a Run with: the signal is handed on.
type Interrupted struct{ Signal syscall.Signal }

func (i Interrupted) Error() string { return i.Signal.String() }

// ExitError is a process that did not end well.
type ExitError struct {
	Cmd Cmd
	// Status is the exit status, or -1 where Signal ended it or it did not start.
	Status int
	Signal syscall.Signal
	// Last lines of what it said on stderr.
	Last []string
	// Err is why it did not start, or what ended it from outside.
	Err error
}

// Error is the program's name and how it ended.
func (e *ExitError) Error() string {
	name := e.Cmd.Args[0]
	switch {
	case errors.Is(e.Err, exec.ErrNotFound):
		return name + ": not found"
	case e.Err != nil:
		return name + ": " + e.Err.Error()
	case e.Signal != 0:
		return name + ": ended by signal " + e.Signal.String()
	}
	return fmt.Sprintf("%s: exit status %d", name, e.Status)
}

func (e *ExitError) Unwrap() error { return e.Err }

// Run runs one command in a process group of its own and waits for it. What it
// says on stderr goes to line, one call at a time; stdout, unless the command
// has a file for it, to stdout. Both may be nil.
//
// When ctx ends the group gets SIGINT (or the signal of an Interrupted cause),
// after Grace SIGKILL. Whatever of the group outlives its leader is killed: a
// process that is to stay must have left the group, as daemons do.
func Run(ctx context.Context, c Cmd, stdout io.Writer, line func(string)) error {
	return Feed(ctx, c, nil, stdout, line)
}

// Feed is Run for a command that reads what comes bit by bit; its Cmd names no input.
func Feed(ctx context.Context, c Cmd, stdin io.Reader, stdout io.Writer, line func(string)) error {
	if err := context.Cause(ctx); err != nil {
		return &ExitError{Cmd: c, Status: -1, Err: err}
	}
	cmd := exec.Command(c.Args[0], c.Args[1:]...)
	cmd.Dir, cmd.Env = c.Dir, append(os.Environ(), c.Env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: !c.Foreground}
	closeFiles, err := redirect(cmd, c, stdin, stdout)
	if err != nil {
		return &ExitError{Cmd: c, Status: -1, Err: err}
	}
	defer closeFiles()
	last := &tail{line: line}
	talk, toTalk, err := os.Pipe()
	if err != nil {
		return &ExitError{Cmd: c, Status: -1, Err: err}
	}
	defer talk.Close()
	cmd.Stderr = toTalk
	// A pipe of its own for stdout too, so that Wait does not hang on what a
	// daemon that left the group keeps open.
	cmd.WaitDelay = 2 * time.Second
	if err := cmd.Start(); err != nil {
		toTalk.Close()
		return &ExitError{Cmd: c, Status: -1, Err: startError(err)}
	}
	toTalk.Close()
	read := make(chan struct{})
	go func() { last.read(talk); close(read) }()
	ended := make(chan struct{})
	group := -cmd.Process.Pid
	if c.Foreground {
		group = cmd.Process.Pid
	}
	stop := context.AfterFunc(ctx, func() { end(ctx, group); close(ended) })
	err = cmd.Wait()
	stopped := !stop()
	if stopped {
		<-ended // those that outlive their leader have their time, too
	}
	if !c.Foreground {
		syscall.Kill(group, syscall.SIGKILL)
	}
	select {
	case <-read:
	case <-time.After(2 * time.Second): // a daemon holds it open
		talk.SetReadDeadline(time.Unix(1, 0))
		<-read
	}
	return exitError(ctx, c, cmd, err, stopped, last.lines())
}

func redirect(cmd *exec.Cmd, c Cmd, stdin io.Reader, stdout io.Writer) (func(), error) {
	var open []*os.File
	closeAll := func() {
		for _, f := range open {
			f.Close()
		}
	}
	cmd.Stdin, cmd.Stdout = stdin, stdout
	if c.Input != "" {
		cmd.Stdin = strings.NewReader(c.Input)
	}
	if c.Stdin != "" {
		f, err := os.Open(c.Stdin)
		if err != nil {
			return nil, err
		}
		open = append(open, f)
		cmd.Stdin = f
	}
	if c.Stdout != "" {
		f, err := os.OpenFile(c.Stdout, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
		if err != nil {
			closeAll()
			return nil, err
		}
		open = append(open, f)
		cmd.Stdout = f
	}
	return closeAll, nil
}

// end asks the group, a number as kill(2) has it, to stop, and kills what is left of it after Grace.
func end(ctx context.Context, group int) {
	signal := syscall.SIGINT
	var cause Interrupted
	if errors.As(context.Cause(ctx), &cause) {
		signal = cause.Signal
	}
	syscall.Kill(group, signal)
	deadline := time.NewTimer(Grace)
	defer deadline.Stop()
	for {
		select {
		case <-deadline.C:
			syscall.Kill(group, syscall.SIGKILL)
			return
		case <-time.After(50 * time.Millisecond):
			if syscall.Kill(group, 0) != nil {
				return
			}
		}
	}
}

func startError(err error) error {
	var pathError *os.PathError
	if errors.As(err, &pathError) && !errors.Is(err, exec.ErrNotFound) {
		return pathError.Err
	}
	return err
}

func exitError(ctx context.Context, c Cmd, cmd *exec.Cmd, err error, stopped bool, last []string) error {
	if err == nil || errors.Is(err, exec.ErrWaitDelay) && cmd.ProcessState.Success() {
		return nil
	}
	e := &ExitError{Cmd: c, Status: cmd.ProcessState.ExitCode(), Last: last}
	if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		e.Signal = ws.Signal()
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		e.Err = err
	}
	if stopped {
		e.Err = context.Cause(ctx)
	}
	return e
}

// MaxLine is how long a line gets, in bytes, before it counts as two.
const MaxLine = 1 << 20

// tail hands lines on and keeps the last of them.
type tail struct {
	line func(string)
	mu   sync.Mutex
	last []string
}

func (t *tail) read(r io.Reader) {
	in := bufio.NewReaderSize(r, MaxLine)
	for {
		part, err := in.ReadSlice('\n')
		if text := strings.TrimRight(string(part), "\r\n"); text != "" || err == nil {
			t.add(text)
		}
		if err != nil && err != bufio.ErrBufferFull {
			return
		}
	}
}

func (t *tail) add(text string) {
	t.mu.Lock()
	if len(t.last) == LastLines {
		t.last = t.last[1:]
	}
	t.last = append(t.last, Short(text))
	t.mu.Unlock()
	if t.line != nil {
		t.line(text)
	}
}

func (t *tail) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.last...)
}

// maxShort bounds, in bytes, a line that is shown to people: tools may print anything.
const maxShort = 2000

// Short cuts a line that is shown to people to 2,000 bytes.
func Short(s string) string {
	if len(s) <= maxShort {
		return s
	}
	return strings.ToValidUTF8(s[:maxShort], "") + "…"
}
