package verify

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"vmloom/atomic"
	"vmloom/cure"
	"vmloom/lima"
	"vmloom/process"
	"vmloom/profile"
)

func generatedRows(p *profile.Profile) []Check {
	return []Check{{
		ID: "generated/fresh", Title: "the generated files are those of the profile", Not: "the generated files are not those of the profile", Side: Host, State: true,
		Because: say("the profile was changed since, or a file was edited by hand"), Cure: say("%s; a file that was edited by hand is kept, and %s shows the edit", vmloom("gen"), vmloom("gen", "--diff")),
		look: func(_ context.Context, s *session) verdict {
			switch {
			case len(s.Stale) > 0:
				return bad("%d differ: %s", len(s.Stale), some(s.Stale, 3))
			case len(s.Files) == 0:
				return bad("the profile makes none")
			}
			return good("%d files", len(s.Files))
		},
	}}
}

// instanceRows tell of the VM as its runner has it.
func instanceRows(p *profile.Profile) []Check { return runBy(p).instance(p) }

func limaRows(p *profile.Profile) []Check {
	const field = "lima.instance"
	name := p.Lima.Instance
	broken := say("the host crashed or was switched off, or a part of Lima was killed")
	rows := []Check{
		{
			ID: "tool/limactl", Title: "Lima is there, in a version that works", Not: "Lima is not there, or in a version that does not work", Field: "runner", Side: Host,
			Because: say("Lima is not installed, or too old for this guest"), Cure: limaPackage.on(p.MacOS(), ""),
			steps: limaVersionStep, judge: limaVersion(p),
		},
		{
			ID: "instance/exists", Title: "the instance " + name + " exists", Not: "the instance " + name + " does not exist", Field: field, Side: Host, Needs: []string{"tool/limactl"}, State: true,
			Because: say("it was not made yet, or deleted"), Cure: callUp,
			steps: listStep, judge: func(_ *Site, a []answer) verdict {
				in, v := listed(a[0], name)
				if in == nil {
					return v
				}
				return good("%s", in.Dir)
			},
		},
		ownRow(p),
		{
			ID: "instance/running", Title: "the VM runs", Not: "the VM does not run", Field: field, Side: Host, Needs: []string{"instance/ours"}, State: true,
			See: say("the instance is %s", "Broken"), Because: broken, Cure: callRepair,
			look: func(ctx context.Context, s *session) verdict {
				a := s.ask(ctx, listCmd)
				in, v := listed(a, name)
				if in != nil && in.Status == lima.Broken && ctx.Err() == nil {
					s.pause(ctx, 3*time.Second) // a host agent that is merely busy looks broken, too
					in, v = listed(s.askAgain(ctx, listCmd), name)
				}
				switch {
				case in == nil:
					return v
				case in.Status == lima.Running:
					return good("Running")
				case in.Status == lima.Broken:
					if why := lima.Errors(a.talk, name); why != "" {
						return bad("Broken: %s", why).of(Broken)
					}
					return bad("Broken").of(Broken)
				}
				return bad("%s", in.Status).of(Stopped).since(say("it was stopped, or this host was restarted"), callUp)
			},
		},
		{
			ID: "instance/ready", Title: "the VM's start is over, and all went well", Not: "the VM's start is not over, or not all went well", Field: field, Side: Host, Needs: []string{"instance/running"}, State: true,
			See:     say("%s ends with: did not become ready", "create"),
			Because: say("the guest still boots, or a promise of this set-up does not hold: the last probe that %s names", "limactl"),
			Cure:    say("see %s here and %s in the guest", p.LimaHome()+"/"+name+"/"+lima.AgentErr, "/var/log/cloud-init-output.log"),
			look: func(_ context.Context, s *session) verdict {
				return ready(filepath.Join(s.LimaHome, name, lima.AgentOut))
			},
		},
		{
			ID: "instance/template", Title: "the instance is as the profile says now", Not: "the instance is not as the profile says now", Field: "name", Side: Host, Needs: []string{"instance/ours"}, State: true,
			See:     say("the VM is not as the profile says"),
			Because: say("the profile or the instance was changed since it was made"), Cure: cure.Do(vmloom("apply")),
			look: func(_ context.Context, s *session) verdict {
				data, err := atomic.Read(limaYAML(p, s.Site), atomic.Most)
				if err != nil {
					return unreadable(err)
				}
				differ, err := templateDrift(s.Files["lima/"+name+".yaml"], data)
				if err != nil {
					return bad("%s: %v", limaYAML(p, s.Site), err)
				}
				if len(differ) > 0 {
					return bad("differs in %s", strings.Join(differ, ", "))
				}
				return good("lima.yaml says the same")
			},
		},
	}
	if !p.Wants("lima") {
		rows = rows[:len(rows)-1]
	}
	return rows
}

func (s *Site) pause(ctx context.Context, d time.Duration) {
	if s.hurried {
		d /= 20
	}
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func limaYAML(p *profile.Profile, s *Site) string {
	return filepath.Join(s.LimaHome, p.Lima.Instance, lima.Template)
}

var listCmd = process.Cmd{Args: []string{"limactl", "list", "--json"}}

func listStep(*Site) []process.Step { return []process.Step{{Cmd: listCmd}} }

// listed finds an instance in what limactl list --json gave.
func listed(a answer, name string) (*lima.Instance, verdict) {
	if !a.ok() {
		return nil, noWord("limactl list", a.why())
	}
	all, err := lima.Instances(a.out)
	switch in := lima.Find(all, name); {
	case in != nil:
		return in, verdict{}
	case err != nil:
		return nil, noWord("limactl list", err.Error())
	}
	return nil, bad("there is none").of(Absent)
}

// ready reads the host agent's own word: a status of Running tells only that processes live.
func ready(log string) verdict {
	data, err := atomic.Read(log, atomic.Most)
	if errors.Is(err, fs.ErrNotExist) {
		return bad("there is no %s yet", log).of(Booting)
	} else if err != nil {
		return unreadable(err)
	}
	switch agent := lima.ReadAgent(string(data)); {
	case !agent.Running:
		return bad("still boots, or hangs").of(Booting)
	case agent.Degraded:
		return bad("degraded: %s", strings.Join(agent.Errors, "; ")).of(Booting)
	}
	return good("ready")
}

// qemuRows tell of a VM of the runner qemu, by its state directory.
func qemuRows(p *profile.Profile) []Check {
	return []Check{
		{
			ID: "instance/exists", Title: "the VM " + p.Name + " exists", Not: "the VM " + p.Name + " does not exist", Field: "name", Side: Host, State: true,
			Because: say("it was not made yet, or destroyed"), Cure: callUp,
			look: func(_ context.Context, s *session) verdict {
				disk := filepath.Join(s.State, "system.qcow2")
				info, err := os.Stat(disk)
				switch {
				case errors.Is(err, fs.ErrNotExist):
					return bad("there is no %s", disk).of(Absent)
				case err != nil:
					return unreadable(err)
				case !info.Mode().IsRegular():
					return bad("%s is no disk", disk).of(Broken)
				}
				return good("%s", s.State)
			},
		},
		ownRow(p),
		{
			ID: "instance/running", Title: "the VM runs", Not: "the VM does not run", Field: "name", Side: Host, Needs: []string{"instance/ours"}, State: true,
			Because: say("it was stopped, or this host was restarted"), Cure: callUp,
			look: func(ctx context.Context, s *session) verdict {
				pid, _, untold := qemuProcess(ctx, s)
				if untold != nil {
					return *untold
				}
				if pid == 0 {
					if _, err := os.Stat(filepath.Join(s.State, "pid")); err == nil {
						return bad("crashed").of(Broken).since(say("QEMU ended without its script: the host ran out of memory, or it was killed"), callRepair)
					}
					return bad("Stopped").of(Stopped)
				}
				return good("process %d", pid)
			},
		},
	}
}

// qemuProcess finds the VM's process. A number in a file is no proof: it may be of
// a process that is gone, or by now of another. Ours has the file's path in its words.
// The verdict is there where that cannot be told.
func qemuProcess(ctx context.Context, s *session) (pid int, words []string, untold *verdict) {
	file := filepath.Join(s.State, "pid")
	data, err := atomic.Read(file, atomic.Most)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil, nil
	case err != nil:
		v := unreadable(err)
		return 0, nil, &v
	}
	pid, err = strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil || pid < 1 {
		return 0, nil, nil
	}
	if there(filepath.Join(s.Proc, "self")) {
		text, err := atomic.Read(filepath.Join(s.Proc, strconv.Itoa(pid), "cmdline"), atomic.Most)
		words = strings.Split(string(text), "\x00")
		if err != nil || !slices.Contains(words, file) {
			return 0, nil, nil
		}
		return pid, words, nil
	}
	a := s.ask(ctx, process.Cmd{Args: []string{"ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)}})
	var exit *process.ExitError
	switch gone := errors.As(a.err, &exit) && exit.Status == 1; {
	case !a.ok() && !gone:
		v := noWord("ps", a.why())
		return 0, nil, &v
	case gone, !strings.Contains(a.out+" ", " "+file+" ") && !strings.Contains(a.out, " "+file+"\n"):
		return 0, nil, nil
	}
	return pid, strings.Fields(a.out), nil
}
