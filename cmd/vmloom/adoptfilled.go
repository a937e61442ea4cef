package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vmloom/adopt"
	"vmloom/lima"
	"vmloom/process"
)

// proof is how the two templates were compared.
type proof struct {
	values int    // that limactl has filled in both; 0: it was not asked
	why    string // it was not
}

// String says what "unexplained" is said of.
func (p proof) String() string {
	if p.values > 0 {
		return fmt.Sprintf("compared as limactl fills both: %s", plural(p.values, "value"))
	}
	return "compared by what is known here of Lima's defaults and templates; limactl was not asked: " + p.why
}

// prove has limactl fill both templates, and adds to the differences what then differs and has no reason.
func (u *ui) prove(ctx context.Context, in adopt.Input, t *takenIn) error {
	if t.proof.why = notAsked(t.Host()); t.proof.why != "" {
		return nil
	}
	dir, err := os.MkdirTemp("", "vmloom-adopt-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	made := filepath.Join(dir, lima.Template)
	if err := os.WriteFile(made, t.template, 0o600); err != nil {
		return err
	}
	old, why := filled(ctx, filepath.FromSlash(in.Lima.Name))
	if why != "" {
		t.proof.why = why
		return nil
	}
	new, why := filled(ctx, made)
	if why != "" {
		t.proof.why = "of the template that the profile makes it says: " + why
		return nil
	}
	left, values, err := t.CompareFilled(old, new, t.differences)
	t.differences, t.proof.values = append(t.differences, left...), values
	return err
}

// notAsked is why limactl is not asked: it fills in what this host and this user have.
func notAsked(instanceOn adopt.Host) string {
	here, err := thisHost(".")
	switch {
	case !onPath("limactl"):
		return "there is none"
	case err != nil || here.OS != instanceOn.OS || here.User != instanceOn.User:
		return "the instance is another host's, or another user's"
	}
	return ""
}

// filled is a template as limactl fills it, or what it says in place of that.
func filled(ctx context.Context, file string) (text []byte, why string) {
	var out bytes.Buffer
	said := ""
	fill := process.Cmd{Args: []string{"limactl", "--tty=false", "template", "copy", "--fill", file, "-"}}
	err := process.Run(ctx, fill, &out, func(line string) {
		if l, is := lima.ParseLog(line); is && l.Level == "fatal" {
			said, _, _ = strings.Cut(l.Msg, "\n")
		}
	})
	if err != nil {
		return nil, cmp.Or(said, err.Error())
	}
	return out.Bytes(), ""
}
