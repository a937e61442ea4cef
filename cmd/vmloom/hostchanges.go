package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"vmloom/host"
	"vmloom/ownership"
	"vmloom/process"
)

// carryOut does the changes of a plan and says so.
func (u *ui) carryOut(ctx context.Context, plan *host.Plan) error {
	did := map[host.Op]string{host.Install: "installed", host.Update: "changed", host.Remove: "removed"}
	told := false
	err := plan.Apply(ctx, func(s host.Change, err error) {
		if err == nil {
			u.say("%s: %s", did[s.Op], about(s))
			return
		}
		told = true
		u.fault("", "%s: %v", s.Does, err)
	})
	if told {
		return errSilent
	}
	return err
}

// hostOf is the profile for which the things on the host are, where it is that of another project which is there, or
// may be; or empty.
func (v *machine) hostOf(plan *host.Plan) (path string, err error) {
	path, id := plan.InstalledFor()
	if v.setup == nil || path == filepath.Join(v.base, filepath.Base(v.path)) {
		return "", nil
	}
	lives, err := ownership.Mark{ID: id, Profile: path}.Lives()
	if !lives && err == nil {
		return "", nil
	}
	return path, err
}

// ownHost is the error of taking away what another project has on the host under the same name.
func (v *machine) ownHost(plan *host.Plan) error {
	other, err := v.hostOf(plan)
	if err != nil {
		return hinted(fmt.Errorf("the host: whose what is installed there for %s is cannot be told: %w", v.name, err), "vmloom up takes it over, and then this takes it away")
	}
	if other == "" {
		return nil
	}
	return hinted(fmt.Errorf("the host: what is installed there for %s is of another project: %s", v.name, other),
		process.Cmd{Args: []string{"vmloom", "down", "--uninstall", other}}.String())
}

// sameReason makes one of neighbouring changes that have the same reason.
func sameReason(changes []host.Change) (out []host.Change) {
	for _, s := range changes {
		if n := len(out) - 1; n >= 0 && out[n].Why == s.Why {
			out[n].Does += "; " + s.Does
			continue
		}
		out = append(out, s)
	}
	return out
}

// about is a step in one line.
func about(s host.Change) string {
	line := s.Does
	for i, path := range s.Paths {
		line += map[bool]string{true: ": ", false: ", "}[i == 0] + path
	}
	return line
}

// showChanges prints what a plan does, with its commands and how to undo it.
func (v *machine) showChanges(w io.Writer, changes []host.Change) {
	mark := map[host.Op]string{host.Done: "=", host.Install: "+", host.Update: "~", host.Remove: "-", host.Left: "?", host.Refused: "!"}
	for _, s := range changes {
		if s.Why != "" {
			fmt.Fprintf(w, "%s %s\n    why: %s\n", mark[s.Op], s.Does, s.Why)
			if !s.Hint.IsZero() {
				fmt.Fprintf(w, "    hint: %s\n", v.typed(s.Hint))
			}
			continue
		}
		fmt.Fprintf(w, "%s %s\n", mark[s.Op], about(s))
		for _, c := range s.Commands {
			fmt.Fprintf(w, "    run: %s\n", c)
		}
		if s.Undo != "" && s.Op != host.Done {
			fmt.Fprintf(w, "    undo: %s\n", s.Undo)
		}
	}
}
