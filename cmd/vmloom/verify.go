package main

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/urfave/cli/v2"

	"vmloom/atomic"
	"vmloom/verify"
)

func verifyCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "verify",
		Usage:     "hold the VM to every promise of its profile, from both sides; changes nothing",
		ArgsUsage: "[PROFILE]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "restart", Usage: "also stop and start the VM, and look whether the home and the sockets come back"},
			&cli.StringFlag{Name: "only", Usage: "the checks of this `ID`, or below it: socket, socket/docker"},
			&cli.BoolFlag{Name: "json", Usage: "print one JSON document"},
			&cli.StringFlag{Name: "junit", Usage: "write a JUnit report to this `FILE`; - is stdout, instead of the table"},
			quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			if c.Bool("json") && c.String("junit") == "-" {
				return usage("verify: --json and --junit - both want stdout", "vmloom verify --json --junit FILE")
			}
			l, err := look(c.Context, u, c.Args().Slice())
			if err != nil {
				return err
			}
			return l.verify(c.Context, c.Bool("restart"), c.String("only"), c.Bool("json"), c.String("junit"))
		},
	}
}

// verifyJSON is what --json prints.
type verifyJSON struct {
	format
	Profile string      `json:"profile"`
	Name    string      `json:"name"`
	Counts  tally       `json:"counts"`
	Checks  []checkJSON `json:"checks"`
}

func (l *lookAt) verify(ctx context.Context, restart bool, only string, asJSON bool, junit string) error {
	var checks []verify.Check
	for _, c := range verify.Checks(l.Profile) {
		if restart || !c.Restart {
			checks = append(checks, c)
		}
	}
	results := l.run(ctx, checks, only)
	if len(results) == 0 {
		var ids []string
		for _, c := range checks {
			ids = append(ids, c.ID)
		}
		return usage("verify: no check "+only, didYouMean(only, ids, "vmloom verify --json lists the IDs"))
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	n := count(results)
	var unwritten error // said when the results are
	if junit != "" {
		unwritten = l.junit(junit, results)
	}
	switch {
	case asJSON:
		err := l.json(verifyJSON{Profile: l.path, Name: l.Name, Counts: n, Checks: l.checksJSON(results)})
		if err != nil {
			return err
		}
	case junit != "-":
		l.rows(results)
		l.blame(results)
	}
	l.say("%s: %s: %s", l.path, plural(len(results), "check"), n)
	if (n.Failed+n.Unknown > 0 || n.OK == 0) && unwritten == nil { // where all is skipped, nothing was found to hold
		return errSilent
	}
	return unwritten
}

// The elements of a JUnit report that CI servers read.
type (
	junitSuite struct {
		XMLName  xml.Name    `xml:"testsuite"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string       `xml:"classname,attr"`
		Name    string       `xml:"name,attr"`
		Failure *junitDetail `xml:"failure"`
		Error   *junitDetail `xml:"error"`
		Skipped *junitDetail `xml:"skipped"`
		Out     string       `xml:"system-out,omitempty"`
	}
	junitDetail struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

func (l *lookAt) junitDetail(r verify.Result) *junitDetail {
	return &junitDetail{r.Seen, "because: " + l.typed(r.Because) + "\nhint: " + l.typed(r.Cure) + "\n"}
}

func (l *lookAt) junit(file string, results []verify.Result) error {
	n := count(results)
	suite := junitSuite{Name: "vmloom verify " + l.Name, Tests: len(results), Failures: n.Failed, Errors: n.Unknown, Skipped: n.Skipped}
	for _, r := range results {
		c := junitCase{Class: r.ID, Name: r.Title}
		switch r.Status {
		case verify.Failed:
			c.Failure = l.junitDetail(r)
		case verify.Unknown:
			c.Error = l.junitDetail(r)
		case verify.Skipped:
			c.Skipped = &junitDetail{Message: r.Seen}
		default:
			c.Out = r.Seen
		}
		suite.Cases = append(suite.Cases, c)
	}
	text, err := xml.MarshalIndent(suite, "", "  ")
	if err != nil {
		return err
	}
	document := xml.Header + string(text) + "\n"
	if file == "-" {
		_, err = io.WriteString(l.data, document)
		return err
	}
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return os.WriteFile(file, []byte(document), 0o666) // a pipe, or /dev/stdout
	}
	err = atomic.ReplaceFile(file, []byte(document), atomic.How{Mode: 0o644})
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		return fmt.Errorf("%s: %w", file, at.Err)
	}
	return err
}
