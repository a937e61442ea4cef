package main

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"vmloom/engine"
	"vmloom/process"
	"vmloom/profile"
)

// unreadable reports a profile with mistakes. Nothing is built then.
func (b *imageRun) unreadable(path string, err error) error {
	reports := []imageReport{unreadReport(path, err)}
	var unwritten error
	if b.junit != "" {
		unwritten = b.ui.writeJUnit(b.junit, b.suite(reports))
	}
	if !b.json {
		b.loadError(path, err)
	} else if err := b.ui.json(imagesJSON{Profiles: reports}); err != nil {
		return err
	}
	return cmp.Or(unwritten, errSilent)
}

// suite is the JUnit report of a call: a case for each profile. That an image is not what a second build
// gives is a failure of the image; what else goes wrong is an error, which says nothing of it.
func (b *imageRun) suite(reports []imageReport) junitSuite {
	suite := junitSuite{Name: "vmloom build-image", Tests: len(reports)}
	promise := "the image is built"
	if b.check {
		suite.Name, promise = suite.Name+" --check-reproducible", "a second build gives the same image"
	}
	for _, r := range reports {
		c := junitCase{Class: r.Profile, Name: promise}
		var detail *junitDetail
		if r.Error != nil {
			detail = &junitDetail{Message: r.Error.Cause, Text: r.Error.text()}
		}
		switch {
		case r.State == "none":
			suite.Skipped++
			c.Skipped = &junitDetail{Message: "the VM starts from a published image"}
		case r.State == "skipped":
			suite.Skipped++
			c.Skipped = detail
		case detail != nil && r.Error.Differs != "":
			suite.Failures++
			c.Failure = detail
		case detail != nil:
			suite.Errors++
			c.Error = detail
		case r.Image != nil:
			c.Out = r.Image.File + " sha256 " + r.Image.SHA256
		default:
			c.Out = r.State
		}
		suite.Cases = append(suite.Cases, c)
	}
	return suite
}

// text is what there is to know beside the cause, a line each.
func (f *failureJSON) text() (lines string) {
	for _, line := range []struct{ word, is string }{{"differs", f.Differs}, {"field", f.Field}, {"log", f.Log}, {"hint", f.Hint}} {
		if line.is != "" {
			lines += line.word + ": " + line.is + "\n"
		}
	}
	return lines
}

// unreadReport tells of the first mistake.
func unreadReport(path string, err error) imageReport {
	report := imageReport{Profile: path, State: "failed", Error: &failureJSON{Cause: err.Error()}}
	var ps profile.Problems
	if errors.As(err, &ps) && len(ps) > 0 {
		cause := ps[0].Reason
		if ps[0].Path != "" {
			cause = ps[0].Path + ": " + cause
		}
		report.Error = &failureJSON{Cause: cause, Hint: ps[0].Hint, Field: ps[0].Path, Line: ps[0].Line}
	}
	return report
}

// printTable says at the end of several what became of each, and how many there are of a kind.
func (b *imageRun) printTable(reports []imageReport) {
	if b.quiet {
		return
	}
	words := map[string]string{"built": "built", "unchanged": "up to date", "downloaded": "downloaded", "reproducible": "reproducible", "none": "none to build", "unpushed": "NOT PUSHED", "failed": "FAILED", "skipped": "skipped"}
	styles := map[string]style{"built": green, "unchanged": green, "downloaded": green, "reproducible": green, "none": faint, "unpushed": red, "failed": red, "skipped": yellow}
	counts := map[string]int{}
	var out [][]string
	for _, r := range reports {
		cause := ""
		if r.Error != nil {
			cause = r.Error.Cause
		}
		out = append(out, []string{words[r.State], r.Profile, cause})
		counts[r.State]++
	}
	table(b.ui.err, out, func(row int) style { return styles[reports[row].State] })
	var total []string
	for _, state := range []string{"built", "downloaded", "reproducible", "unchanged", "none", "unpushed", "failed", "skipped"} {
		if n := counts[state]; n > 0 {
			total = append(total, fmt.Sprint(n, " ", strings.ToLower(words[state])))
		}
	}
	b.say("%s: %s", plural(len(reports), "profile"), strings.Join(total, ", "))
}

func (b *imageBuild) print() {
	switch {
	case b.told:
	case b.err != nil && b.report.State != "unpushed":
		b.printFailure()
	case b.dryRun: // stdout is a script
	case b.report.State == "reproducible":
		b.say("%s: image %s is reproducible: a second build gave the same", b.path, engine.Key(b.Profile))
	case b.report.Image != nil:
		if b.made {
			b.say("%s: image %s is built: %s, sha256 %s", b.path, engine.Key(b.Profile), inUnits(b.report.Image.Size), b.report.Image.SHA256)
			if b.late {
				b.suggest("vmloom build-image "+b.path+" builds it again", "%s: its inputs were changed while it was built, and it may lack what is new", b.path)
			}
		}
		if b.junit == "-" { // stdout is the report
			return
		}
		b.result(filepath.Join(filepath.Dir(b.path), filepath.FromSlash(b.report.Image.File)))
		if b.report.Pushed {
			b.say("%s: image %s is pushed", b.path, engine.Key(b.Profile))
		}
		if b.err != nil {
			b.printFailure()
		}
	}
}

// printFailure shows the tool's last words, the cause, the profile's line and the cure.
func (b *imageBuild) printFailure() {
	if interrupted(b.err) {
		return
	}
	var f *engine.Failure
	var fail *failure
	switch {
	case errors.As(b.err, &f):
	case errors.As(b.err, &fail):
		b.fault(fail.hint, "%v", b.err)
		return
	default:
		b.fault("", "%s: %v", b.path, b.err)
		return
	}
	b.printLast(f)
	fmt.Fprintf(b.ui.err, "vmloom: %s: %s\n", b.path, f.Cause)
	if b.Given(f.Field) {
		decided(b.ui.err, b.path, b.Profile, f.Field)
	}
	if f.Log != "" {
		b.say("all of it: %s", f.Log)
	}
	b.hint(f.Hint)
}

// printLast shows a tool's last words.
func (b *imageBuild) printLast(f *engine.Failure) {
	if f.Err != nil && len(f.Err.Last) > 0 {
		fmt.Fprintf(b.ui.err, "  | %s\n", strings.Join(f.Err.Last, "\n  | "))
		fmt.Fprintf(b.ui.err, "  command: %s\n", f.Err.Cmd)
	}
}

// printLeft shows what could not be removed.
func (b *imageBuild) printLeft() {
	b.printLast(b.left.Failure)
	fmt.Fprintf(b.ui.err, "vmloom: %s: %v\n", b.path, b.left)
	if b.left.Log != "" {
		b.say("all of it: %s", b.left.Log)
	}
	b.hint(b.left.Hint)
}

func interrupted(err error) bool {
	var cut process.Interrupted
	return errors.As(err, &cut)
}

func inUnits(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	if n >= 1<<30 {
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}
