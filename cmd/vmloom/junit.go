package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"vmloom/atomic"
	"vmloom/verify"
)

// The elements of a JUnit report that CI servers read.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
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

// verified is the report of a VM's checks.
func (l *lookAt) verified(results []verify.Result) junitSuite {
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
	return suite
}

// unreadSuite is that of a machine whose profile does not load.
func unreadSuite(one *seenMachine) junitSuite {
	unread := junitCase{Class: "profile", Name: "the profile loads", Error: &junitDetail{one.brief(), "hint: vmloom check " + one.path + "\n"}}
	return junitSuite{Name: "vmloom verify " + one.path, Tests: 1, Errors: 1, Cases: []junitCase{unread}}
}

// writeJUnit writes a report to a file; - is stdout.
func (u *ui) writeJUnit(file string, report any) error {
	text, err := xml.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	document := xml.Header + string(text) + "\n"
	if file == "-" {
		_, err = io.WriteString(u.data, document)
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
