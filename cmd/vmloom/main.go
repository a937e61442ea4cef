// Command vmloom compiles the profile of a development VM into the files that
// make it. This package reads flags, files and the machine, calls profile and
// generate, and prints; it holds no rule about profiles or outputs.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"vmloom/process"

	"github.com/urfave/cli/v2"
)

func main() {
	os.Exit(run(os.Args, os.Stdout, os.Stderr))
}

// run is the whole program: it returns the exit status, 0 for good, 1 for what
// failed or drifted, 2 for wrong usage, 128 and a signal's number for what it ended.
func run(args []string, stdout, stderr io.Writer) int {
	u := newUI(stdout, stderr)
	app := &cli.App{
		Name:            "vmloom",
		Usage:           "one profile of a development VM becomes every file that it needs",
		HideVersion:     true,
		HideHelpCommand: true,

		Writer:         u.out,
		ErrWriter:      u.err,
		ExitErrHandler: func(*cli.Context, error) {}, // run alone decides the status
		Commands:       commands(u),
		OnUsageError:   usageError,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "version", Aliases: []string{"v", "V"}, Usage: "print the version"},
			cli.HelpFlag, // which cli adds by itself only where no command is named help
		},
		Action: func(c *cli.Context) error {
			if c.Bool("version") {
				return u.version(false)
			}
			if c.Args().Present() {
				return unknownCommand(c)
			}
			return cli.ShowAppHelp(c)
		},
	}
	for _, cmd := range app.Commands {
		cmd.OnUsageError = usageError
		cmd.HideHelpCommand = true
	}
	ctx, cancel := interruptible()
	defer cancel()
	err := app.RunContext(ctx, flagsFirst(app, args))
	return u.finish(err)
}

// interruptible ends with SIGINT, SIGTERM or SIGHUP; the cause says which, so
// that processes get the same.
func interruptible() (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		if s, ok := <-signals; ok {
			cancel(process.Interrupted{Signal: s.(syscall.Signal)})
		}
		if _, ok := <-signals; ok { // the third ends what does not end by itself
			signal.Reset(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
		}
	}()
	return ctx, func() { signal.Stop(signals); close(signals); cancel(nil) }
}

// whileHeard ends as well when nobody reads any more what is said, as with
// | head: SIGPIPE would end this process at once, and leave what it has started.
func whileHeard(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGPIPE)
	go func() {
		if _, ok := <-signals; ok {
			cancel(process.Interrupted{Signal: syscall.SIGTERM}) // no tool takes SIGPIPE for a wish
		}
	}()
	return ctx, func() { signal.Stop(signals); close(signals); cancel(nil) }
}

func commands(u *ui) []*cli.Command {
	return []*cli.Command{
		initCmd(u),
		adoptCmd(u),
		genCmd(u),
		checkCmd(u),
		buildImageCmd(u),
		matrixCmd(u),
		lockCmd(u),
		upCmd(u),
		applyCmd(u),
		sshCmd(u),
		editorCmd(u),
		stopCmd(u),
		rebuildCmd(u),
		repairCmd(u),
		backupCmd(u),
		snapshotCmd(u),
		snapshotsCmd(u),
		restoreCmd(u),
		cloneCmd(u),
		cleanCmd(u),
		downCmd(u),
		destroyCmd(u),
		renameCmd(u),
		ejectCmd(u),
		verifyCmd(u),
		statusCmd(u),
		doctorCmd(u),
		docsCmd(u),
		targetsCmd(u),
		schemaCmd(u),
		packagesCmd(u),
		completionCmd(u),
		versionCmd(u),
		helpCmd(),
		manCmd(u),
		completeCmd(u),
	}
}

// failure is an error with its hint and exit status.
type failure struct {
	error
	hint   string
	status int
}

func (f *failure) Unwrap() error { return f.error }

func usage(reason, hint string) error {
	return &failure{errors.New(reason), hint, 2}
}

// hinted adds to an error what to do about it.
func hinted(err error, hint string) error { return &failure{err, hint, 1} }

// silent ends the program with status 1; everything has been said.
var errSilent = errors.New("")
