package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/adopt"
	"vmloom/atomic"
	"vmloom/generate"
	"vmloom/process"
	"vmloom/profile"
)

func adoptCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "adopt",
		Usage:     "make a profile of a Lima instance that exists; tell what is broken in it",
		ArgsUsage: "LIMA.YAML | INSTANCE",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "ssh-config", Usage: "read `FILE` as well, such as ~/.ssh/config"},
			&cli.StringSliceFlag{Name: "wezterm", Usage: "read the Lua `FILE` that has WezTerm's domain or keys; may be said again"},
			&cli.StringSliceFlag{Name: "plist", Usage: "read the launchd job `FILE`"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the profile to `FILE`, which must not exist; else to stdout"},
			&cli.StringFlag{Name: "name", Usage: "`NAME` of the profile"},
			&cli.StringFlag{Name: "instance", Usage: "Lima's `NAME` of the VM; else from the path ~/.lima/NAME/lima.yaml"},
			&cli.StringFlag{Name: "guest", Usage: "the guest's `SYSTEM`[:RELEASE], where the template does not tell: ubuntu:25.10, nixos"},
			&cli.StringFlag{Name: "user", Usage: "login `NAME` on the host, where that is another machine"},
			&cli.StringFlag{Name: "os", Usage: "the host's `OS`, macos or linux, where that is another machine"},
			&cli.BoolFlag{Name: "all", Usage: "look at every instance of this host, and tell what would become of it"},
			&cli.BoolFlag{Name: "secrets", Usage: "copy scripts and variables that hold a secret"},
			allProblemsFlag(u),
			&cli.BoolFlag{Name: "json", Usage: "print one JSON document"},
			quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			switch all := c.Bool("all"); {
			case all && (c.NArg() > 0 || c.IsSet("output") || c.IsSet("name") || c.IsSet("instance") || c.IsSet("guest")):
				return usage("adopt --all: takes every instance, and writes no profile", "vmloom adopt NAME -o vmloom.yaml takes one")
			case all:
				return u.adoptAll(c)
			case c.NArg() != 1:
				return usage("adopt: one Lima template is needed", "vmloom adopt ~/.lima/default/lima.yaml")
			}
			in, err := adoptInput(c, c.Args().First())
			if err != nil {
				return err
			}
			r := &adoption{ui: u, out: c.String("output"), json: c.Bool("json")}
			return r.run(c.Context, in)
		},
	}
}

// adoption is one call of adopt.
type adoption struct {
	*ui
	out  string
	json bool
}

// run makes the profile, regenerates the template from it, and lets what differs
// flow into lima.extra until nothing more does.
func (r *adoption) run(ctx context.Context, in adopt.Input) error {
	name := defaultProfile
	if r.out != "" {
		name = filepath.Base(r.out)
	}
	t, err := r.takeWhole(ctx, in, name)
	var no *adopt.Refusal
	switch {
	case errors.As(err, &no) && no.Cure != "":
		return hinted(err, no.Cure)
	case err != nil:
		return err
	}
	return r.report(t)
}

// takeWhole takes an instance in. Where it builds on what is not known here, limactl is
// asked, if there is one, to make one template of all of it.
func (u *ui) takeWhole(ctx context.Context, in adopt.Input, name string) (takenIn, error) {
	t, err := takeIn(in, name)
	var no *adopt.Refusal
	switch {
	case err == nil:
		return t, u.prove(ctx, in, &t)
	case !errors.As(err, &no) || !no.Whole || !onPath("limactl"):
		return t, err
	}
	var whole bytes.Buffer
	copied := process.Cmd{Args: []string{"limactl", "--tty=false", "template", "copy", "--embed-all", filepath.FromSlash(in.Lima.Name), "-"}}
	if process.Run(ctx, copied, &whole, func(line string) { u.say("limactl: %s", line) }) != nil {
		return t, err // of what is known without it
	}
	u.say("%s: limactl has put what it builds on into it: lines are of that", in.Lima.Name)
	in.Lima.Data = whole.Bytes()
	if t, err = takeIn(in, name); err != nil {
		return t, err
	}
	return t, u.prove(ctx, in, &t)
}

// takenIn is an instance with the profile that it becomes, and what differs then.
type takenIn struct {
	*adopt.Adoption
	text        []byte
	profile     *profile.Profile
	template    []byte // that the profile makes
	differences []adopt.Difference
	proof       proof
}

// takeIn makes the profile and brings into it what would be lost, for as long as there is some.
func takeIn(in adopt.Input, name string) (t takenIn, err error) {
	if t.Adoption, err = adopt.Read(in); err != nil {
		return t, err
	}
	for round := 0; ; round++ {
		if t.text, t.profile, err = t.Profile(name); err != nil {
			return t, err
		}
		if t.template, err = limaTemplateOf(t.profile); err != nil {
			return t, err
		}
		if t.differences, err = t.Compare(t.template); err != nil {
			return t, err
		}
		if round == 8 || !t.Keep(t.differences) {
			return t, nil
		}
	}
}

// unexplained is how many differences have no reason.
func (t takenIn) unexplained() (n int) {
	for _, d := range t.differences {
		if d.Why == "" {
			n++
		}
	}
	return n
}

// limaTemplateOf is the Lima template that the profile makes.
func limaTemplateOf(p *profile.Profile) ([]byte, error) {
	files, err := generate.Files(p, nil)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if strings.HasPrefix(f.Path, "lima/") {
			return f.Data, nil
		}
	}
	return nil, errors.New("the profile makes no Lima template")
}

func (r *adoption) report(t takenIn) error {
	a, ds, open, secrets := t.Adoption, t.differences, t.unexplained(), 0
	for _, d := range ds {
		if a.HoldsSecret(d) {
			secrets++
		}
	}
	if r.out != "" {
		if err := writeNew(r.out, t.text); err != nil {
			return err
		}
	}
	if r.json {
		if err := r.ui.json(r.document(t)); err != nil {
			return err
		}
	} else {
		for file, ps := range byFile(a.Findings) {
			r.problems(r.err, file, ps)
		}
		for _, n := range a.Notes {
			r.say("note: %s", n)
		}
		r.differences(a, ds)
		if r.out != "" {
			r.result(r.out)
		} else {
			r.data.Write(t.text)
		}
	}
	if n := len(profile.Lint(t.profile, nil)); n > 0 {
		r.say("%s in the profile: vmloom check shows them", plural(n, "warning"))
	}
	if extra := a.Extra(); len(extra) > 0 {
		r.say("lima.extra holds what the profile has no field for: %s", strings.Join(extra, ", "))
	}
	r.say("%s", t.proof)
	sum := fmt.Sprintf("%s, %s to the template that the profile makes, %d unexplained", plural(len(a.Findings), "finding"), plural(len(ds), "difference"), open)
	if open > 0 {
		r.fault(unexplained(open, secrets), "%s", sum)
		return errSilent
	}
	r.say("%s", sum)
	if r.out != "" {
		r.say("an instance that is there already is taken over by vmloom up --take, and left alone by any other command")
	}
	return nil
}

// unexplained says what to do about differences, some of which hold secrets.
func unexplained(open, secrets int) string {
	const extra = "lima.extra of the profile takes what is missing"
	switch {
	case secrets == 0:
		return extra
	case open == secrets:
		return "what holds a secret was left out: bring it in at a start, or --secrets copies it"
	}
	return "what holds a secret was left out: bring it in at a start, or --secrets copies it; " + extra
}

// byFile are findings as problems of their files, in order.
func byFile(found []adopt.Finding) iter.Seq2[string, []profile.Problem] {
	return func(yield func(string, []profile.Problem) bool) {
		for len(found) > 0 {
			file := found[0].File
			var ps []profile.Problem
			for len(found) > 0 && found[0].File == file {
				f := found[0]
				ps = append(ps, profile.Problem{Pos: profile.Pos{Line: f.Line, Col: f.Col}, Reason: f.What, Hint: f.Cure, ID: f.ID, Source: f.Source, Caret: f.Caret})
				found = found[1:]
			}
			if !yield(file, ps) {
				return
			}
		}
	}
}

// differences prints what the new template does otherwise.
func (r *adoption) differences(a *adopt.Adoption, ds []adopt.Difference) {
	if r.quiet {
		return
	}
	ds, left := r.mostDiffering(ds)
	for _, d := range ds {
		change := d.Old + " -> " + d.New
		switch {
		case d.Old == "":
			change = "+ " + d.New
		case d.New == "":
			change = "- " + d.Old
		}
		why := d.Why
		switch {
		case a.HoldsSecret(d):
			why = "LEFT OUT: it holds a secret; --secrets copies it"
		case why == "":
			why = "NOT EXPLAINED: the new template differs here"
		}
		fmt.Fprintf(r.err, "  %s: %s\n      %s\n", oneLine(d.Path), oneLine(change), why)
	}
	if left > 0 {
		r.say("%s not shown; --all-problems shows all", plural(left, "more difference"))
	}
}

// mostDiffering are as many differences as are shown, first those that nothing explains, and how many are left.
func (r *adoption) mostDiffering(ds []adopt.Difference) (shown []adopt.Difference, left int) {
	if r.all || len(ds) <= mostProblems {
		return ds, 0
	}
	shown = slices.Clone(ds)
	slices.SortStableFunc(shown, func(a, b adopt.Difference) int { return cmp.Compare(min(1, len(a.Why)), min(1, len(b.Why))) })
	return shown[:mostProblems], len(ds) - mostProblems
}

// adoptReport is what --json prints.
type adoptReport struct {
	format
	Profile     string           `json:"profile"`
	Findings    []adoptFinding   `json:"findings"`
	Notes       []string         `json:"notes"`
	Differences []adoptDifferent `json:"differences"`
	Extra       []string         `json:"extra"`
	// Compared is how many values limactl has filled in both templates and were compared; 0: it was not asked.
	Compared int `json:"compared"`
	// NotShown is how many findings were left out; --all-problems shows them.
	NotShown int `json:"notShown,omitempty"`
	// DifferencesNotShown is how many differences were.
	DifferencesNotShown int `json:"differencesNotShown,omitempty"`
}

type adoptFinding struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Col  int    `json:"column"`
	ID   string `json:"id"`
	What string `json:"what"`
	Cure string `json:"cure"`
	// More is in how many further places the same is wrong.
	More int `json:"more,omitempty"`
}

type adoptDifferent struct {
	Path string `json:"path"`
	Old  string `json:"old,omitempty"`
	New  string `json:"new,omitempty"`
	Why  string `json:"why,omitempty"`
}

func (r *adoption) document(t takenIn) adoptReport {
	a, ds := t.Adoption, t.differences
	out := adoptReport{Profile: string(t.text), Compared: t.proof.values, Findings: []adoptFinding{}, Notes: append([]string{}, a.Notes...), Differences: []adoptDifferent{}, Extra: append([]string{}, a.Extra()...)}
	for file, ps := range byFile(a.Findings) {
		shown, left := r.shown(ps)
		for _, p := range shown {
			out.Findings = append(out.Findings, adoptFinding{file, p.Line, p.Col, p.ID, p.Reason, p.Hint, len(p.More)})
		}
		out.NotShown += left
	}
	ds, out.DifferencesNotShown = r.mostDiffering(ds)
	for _, d := range ds {
		out.Differences = append(out.Differences, adoptDifferent{d.Path, d.Old, d.New, d.Why})
	}
	return out
}

// writeNew writes a file that is not there yet.
func writeNew(file string, text []byte) error {
	err := atomic.CreateFile(file, text, atomic.How{Mode: 0o644})
	if errors.Is(err, fs.ErrExist) {
		atomic.Clean(filepath.Dir(file))
		return hinted(fmt.Errorf("%s: exists already", file), "name another file with -o")
	}
	return err
}
