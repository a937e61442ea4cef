package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"vmloom/cure"
	"vmloom/generate"
	"vmloom/ownership"
	"vmloom/profile"
	"vmloom/verify"
)

// lookAt is a profile and the machine that is held to it.
type lookAt struct {
	*ui
	// path of the profile as it was given.
	path string
	*profile.Profile
	site *verify.Site
}

// look reads the one profile that the arguments name, and what its files should be.
func look(ctx context.Context, u *ui, args []string) (*lookAt, error) {
	s, err := u.oneSetup(ctx, args)
	if err != nil {
		return nil, err
	}
	made, err := files(s.Profile, s.base)
	if err != nil {
		return nil, err
	}
	site, err := here(s.Name)
	if err != nil {
		return nil, err
	}
	if site.Owner, err = ownership.Of(s.path, s.Name); err != nil {
		return nil, err
	}
	site.Base, site.Generated, site.Files = s.base, s.generated(), map[string][]byte{}
	for _, f := range made {
		site.Files[f.Path] = f.Data
	}
	plan, err := generate.Compare(s.base, s.Name, s.File(), made, false)
	if err != nil {
		return nil, err
	}
	for _, c := range plan.Changes {
		if c.Op != generate.Unchanged {
			site.Stale = append(site.Stale, c.Path)
		}
	}
	return &lookAt{u, s.path, s.Profile, site}, nil
}

// here is this machine; name is the profile's, or empty.
func here(name string) (*verify.Site, error) {
	layout, err := hostLayout()
	if err != nil {
		return nil, err
	}
	running, _ := profile.HostRunning(runtime.GOOS)
	return &verify.Site{
		Home: layout.Home, Config: layout.Config, User: layout.User, UID: layout.UID, Daemons: layout.Daemons,
		LimaHome: limaDir(layout), State: filepath.Join(layout.State, "vmloom", name),
		OS:   cmp.Or(running.Name, runtime.GOOS),
		Arch: cmp.Or(map[string]string{"arm64": "aarch64", "amd64": "x86_64"}[runtime.GOARCH], runtime.GOARCH),
		KVM:  "/dev/kvm", Token: rand.Text()[:12], Now: time.Now,
	}, nil
}

// typed is a text as the user would type its commands.
func (l *lookAt) typed(t cure.Text) string { return t.Typed(typedFor(l.path)) }

// rows prints results as a table.
func (u *ui) rows(results []verify.Result) {
	words := map[verify.Status]string{verify.OK: "ok", verify.Failed: "FAILED", verify.Unknown: "UNKNOWN", verify.Skipped: "skipped"}
	var out [][]string
	for _, r := range results {
		out = append(out, []string{words[r.Status], r.Words(), r.Seen})
	}
	table(u.out, out)
}

// blame says of each failure where the profile promises it, why, and the cure.
// One lost connection leaves many questions without an answer: it is told once.
func (l *lookAt) blame(results []verify.Result) {
	more := map[string]int{}
	for _, r := range results {
		if r.Status == verify.Unknown {
			more[r.Seen]++
		}
	}
	for _, r := range results {
		if r.Status != verify.Failed && (r.Status != verify.Unknown || more[r.Seen] == 0) {
			continue
		}
		at, others := l.path, ""
		if r.Field != "" {
			pos := l.At(r.Field)
			at = fmt.Sprintf("%s:%d:%d: %s", l.path, pos.Line, pos.Col, r.Field)
		}
		if r.Status == verify.Unknown {
			if n := more[r.Seen] - 1; n > 0 {
				others = fmt.Sprintf("; and %d more got no answer", n)
			}
			more[r.Seen] = 0
		}
		fmt.Fprintf(l.err, "vmloom: %s: %s: %s%s\n", at, r.Words(), r.Seen, others)
		fmt.Fprintln(l.err, "vmloom: because: "+l.typed(r.Because))
		l.hint(l.typed(r.Cure))
	}
}

// tally is how many checks ended how.
type tally struct {
	OK      int `json:"ok"`
	Failed  int `json:"failed"`
	Unknown int `json:"unknown"`
	Skipped int `json:"skipped"`
}

// String is the tally as the last line has it. What was skipped is not proven.
func (n tally) String() string {
	line := fmt.Sprintf("%d ok, %d failed", n.OK, n.Failed)
	if n.Unknown > 0 {
		line += fmt.Sprintf(", %d unknown", n.Unknown)
	}
	line += fmt.Sprintf(", %d skipped", n.Skipped)
	if n.Skipped > 0 && n.Failed+n.Unknown == 0 {
		line += ": what is skipped is not proven"
	}
	return line
}

func count(results []verify.Result) (n tally) {
	for _, r := range results {
		switch r.Status {
		case verify.OK:
			n.OK++
		case verify.Failed:
			n.Failed++
		case verify.Unknown:
			n.Unknown++
		default:
			n.Skipped++
		}
	}
	return n
}

// checkJSON is how --json prints a result.
type checkJSON struct {
	ID      string        `json:"id"`
	Title   string        `json:"title"`
	Side    verify.Side   `json:"side"`
	Status  verify.Status `json:"status"`
	Seen    string        `json:"seen"`
	Field   string        `json:"field,omitempty"`
	Line    int           `json:"line,omitempty"`
	Col     int           `json:"column,omitempty"`
	Because string        `json:"because,omitempty"`
	Hint    string        `json:"hint,omitempty"`
}

func (l *lookAt) checksJSON(results []verify.Result) []checkJSON {
	out := []checkJSON{} // not null
	for _, r := range results {
		c := checkJSON{ID: r.ID, Title: r.Title, Side: r.Side, Status: r.Status, Seen: r.Seen, Field: r.Field}
		if l.Profile != nil && r.Field != "" {
			pos := l.At(r.Field)
			c.Line, c.Col = pos.Line, pos.Col
		}
		if r.Status == verify.Failed || r.Status == verify.Unknown {
			c.Because, c.Hint = l.typed(r.Because), l.typed(r.Cure)
		}
		out = append(out, c)
	}
	return out
}
