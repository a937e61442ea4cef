package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"vmloom/profile"
	"vmloom/verify"
)

// machinesAtOnce is how many machines are looked at a time: each has up to six questions under way
// in its guest, and several on this host.
const machinesAtOnce = 4

// several are machines that are looked at in one call.
type several struct {
	*ui
	machines []*seenMachine
}

// seenMachine is one of them, and what was seen of it.
type seenMachine struct {
	*lookAt // nil: its profile does not load
	path    string
	err     error
	results []verify.Result
	state   verify.State // empty where nobody asks
}

// manyPaths are the profiles that the arguments name where these mean a fleet or several; else none.
func (u *ui) manyPaths(ctx context.Context, command string, args []string) ([]string, error) {
	u.fleetBeside(args, command)
	fleet := len(fleetFiles(args)) > 0
	if !fleet && len(args) == 0 {
		return nil, nil
	}
	paths, err := profilePaths(ctx, args)
	if err != nil || len(paths) == 1 && !fleet {
		return nil, err
	}
	return paths, nil
}

// lookAtAll has ask look at each machine, several at a time: one that hangs or fails keeps no other
// from its turn. What they ask this host alike, it is asked once.
func (u *ui) lookAtAll(ctx context.Context, paths []string, ask func(context.Context, *seenMachine)) (*several, error) {
	all := &several{ui: u}
	answers, slots := verify.NewAnswers(), make(chan struct{}, machinesAtOnce)
	m := u.meter(len(paths))
	defer m.clear()
	var running sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for _, path := range paths {
		one := &seenMachine{path: path}
		all.machines = append(all.machines, one)
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			if ctx.Err() == nil {
				if one.load(u); one.err == nil {
					one.site.Shared = answers
					ask(ctx, one)
					one.site = nil // it holds all of the machine's files
				}
			}
			mu.Lock()
			defer mu.Unlock()
			if ctx.Err() == nil {
				done++
			}
			m.at(done, len(paths), path)
		})
	}
	running.Wait()
	return all, cutShort(ctx, done, len(paths))
}

func (one *seenMachine) load(u *ui) {
	s, err := loadSetup(one.path)
	if err == nil {
		err = u.inLimaHome(s)
	}
	if err == nil {
		one.lookAt, err = u.lookAt(s)
	}
	one.err = err
}

// status is how all that was asked of it ended; what does not load has failed.
func (one *seenMachine) status() verify.Status {
	if one.err != nil {
		return verify.Failed
	}
	return count(one.results).status()
}

// brief is what there is to know of a machine in a row: what is wrong first.
func (one *seenMachine) brief() string {
	var ps profile.Problems
	var above fleetFaults
	switch {
	case errors.As(one.err, &above):
		return above.Error()
	case errors.As(one.err, &ps):
		return plural(len(ps), "error") + " in its profile"
	case one.err != nil:
		return one.err.Error()
	}
	if len(one.results) == 0 {
		return "has no such check"
	}
	n := count(one.results)
	for _, is := range []verify.Status{verify.Failed, verify.Unknown} {
		at := slices.IndexFunc(one.results, func(r verify.Result) bool { return r.Status == is })
		if at < 0 {
			continue
		}
		r := one.results[at]
		text := r.Words() + ": " + r.Seen
		if more := n.Failed + n.Unknown - 1; more > 0 {
			text += fmt.Sprintf("; and %d more", more)
		}
		return text
	}
	if n.Skipped > 0 {
		return fmt.Sprintf("%d ok, %d skipped", n.OK, n.Skipped)
	}
	return fmt.Sprintf("%d ok", n.OK)
}

// word is what a machine is, where that was asked, or how it has done.
func (one *seenMachine) word() string {
	if one.err == nil && one.state != "" {
		return string(one.state)
	}
	return statusWords()[one.status()]
}

// print shows one table of them all, and then what is wrong, each cure once.
func (all *several) print() {
	var rows [][]string
	for _, one := range all.machines {
		rows = append(rows, []string{one.word(), one.path, one.brief()})
	}
	styles := statusStyles()
	table(all.out, rows, func(row int) style { return styles[all.machines[row].status()] })
	all.unread()
	var wrong told
	for _, one := range all.machines {
		if one.err == nil {
			one.blames(&wrong, one.results)
		}
	}
	all.troubles(wrong)
}

// unread tells what is wrong with profiles that do not load.
func (all *several) unread() {
	all.told = map[string]bool{}
	for _, one := range all.machines {
		if one.err != nil {
			all.loadError(one.path, one.err)
		}
	}
}

// total says how many machines there are of each word, in the order in which these came first.
func (all *several) total() {
	counts := map[string]int{}
	var words, parts []string
	for _, one := range all.machines {
		w := strings.ToLower(one.word())
		if counts[w]++; counts[w] == 1 {
			words = append(words, w)
		}
	}
	for _, w := range words {
		parts = append(parts, fmt.Sprint(counts[w], " ", w))
	}
	all.say("%s: %s", plural(len(all.machines), "profile"), strings.Join(parts, ", "))
}

// severalJSON is what --json prints of several.
type severalJSON struct {
	format
	Profiles []machineJSON `json:"profiles"`
}

type machineJSON struct {
	Profile  string        `json:"profile"`
	Name     string        `json:"name,omitempty"`
	State    verify.State  `json:"state,omitempty"`
	Status   verify.Status `json:"status"`
	Counts   tally         `json:"counts"`
	Checks   []checkJSON   `json:"checks"`
	Problems []problemJSON `json:"problems,omitempty"`
	NotShown int           `json:"notShown,omitempty"`
	Error    string        `json:"error,omitempty"`
}

func (all *several) json() error {
	doc := severalJSON{Profiles: []machineJSON{}}
	for _, one := range all.machines {
		r := machineJSON{Profile: one.path, State: one.state, Status: one.status(), Checks: []checkJSON{}}
		var ps profile.Problems
		switch {
		case errors.As(one.err, &ps):
			r.Problems, r.NotShown = all.problemsJSON(one.path, ps)
		case one.err != nil:
			r.Error = one.err.Error()
		default:
			r.Name, r.Counts, r.Checks = one.Name, count(one.results), one.checksJSON(one.results)
		}
		doc.Profiles = append(doc.Profiles, r)
	}
	return all.ui.json(doc)
}

// report prints them. It is an error where one has failed, could not be told, or ended as bad says.
func (all *several) report(asJSON bool, bad ...verify.Status) error {
	if asJSON {
		if err := all.json(); err != nil {
			return err
		}
	} else {
		all.print()
	}
	all.total()
	return all.failed(bad...)
}

func (all *several) failed(bad ...verify.Status) error {
	bad = append(bad, verify.Failed, verify.Unknown)
	for _, one := range all.machines {
		if slices.Contains(bad, one.status()) && (one.err != nil || len(one.results) > 0) {
			return errSilent
		}
	}
	return nil
}
