package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/adopt"
)

// adoptAllReport is what adopt --all --json prints.
type adoptAllReport struct {
	format
	Instances []adoptedInstance `json:"instances"`
}

// adoptedInstance is what would become of one instance.
type adoptedInstance struct {
	Instance string `json:"instance"`
	// Guest is the system and its release; empty where it cannot become a profile.
	Guest       string `json:"guest,omitempty"`
	Findings    int    `json:"findings"`
	Differences int    `json:"differences"`
	Unexplained int    `json:"unexplained"`
	// Reason says why it cannot become a profile, Cure what to do.
	Reason string `json:"reason,omitempty"`
	Cure   string `json:"cure,omitempty"`
}

// adoptAll tells of each instance of this host what adopt would make of it; it writes nothing.
func (u *ui) adoptAll(c *cli.Context) error {
	names := instanceNames()
	if len(names) == 0 {
		return hinted(errors.New("adopt --all: Lima has no instance here"), "vmloom init writes a profile from nothing")
	}
	report := adoptAllReport{Instances: []adoptedInstance{}}
	bad := 0
	for _, name := range names {
		one := u.adoptOne(c, name)
		if one.Reason != "" || one.Unexplained > 0 {
			bad++
		}
		report.Instances = append(report.Instances, one)
	}
	if c.Bool("json") {
		if err := u.json(report); err != nil {
			return err
		}
	} else {
		u.adoptTable(report.Instances)
	}
	if bad > 0 {
		u.fault("", "%s of %d cannot be taken over as they are", plural(bad, "instance"), len(names))
		return errSilent
	}
	u.say("vmloom adopt INSTANCE -o vmloom.yaml takes one over")
	return nil
}

func (u *ui) adoptOne(c *cli.Context, name string) adoptedInstance {
	one := adoptedInstance{Instance: name}
	in, err := adoptInput(c, name)
	var t takenIn
	if err == nil {
		t, err = u.takeWhole(c.Context, in, defaultProfile)
	}
	var no *adopt.Refusal
	var hinting *failure
	switch {
	case errors.As(err, &no): // the instance's name does for its template's path
		one.Reason, one.Cure = strings.ReplaceAll(no.Reason, in.Lima.Name, name), strings.ReplaceAll(no.Cure, in.Lima.Name, name)
	case errors.As(err, &hinting):
		one.Reason, one.Cure = err.Error(), hinting.hint
	case err != nil:
		one.Reason = err.Error()
	default:
		one.Guest = strings.TrimSpace(t.profile.Guest.System + " " + t.profile.Guest.Release)
		one.Findings, one.Differences, one.Unexplained = len(t.Findings), len(t.differences), t.unexplained()
	}
	return one
}

func (u *ui) adoptTable(all []adoptedInstance) {
	rows := [][]string{{"INSTANCE", "GUEST", "OUTCOME"}}
	for _, one := range all {
		outcome := fmt.Sprintf("%s, %s, %d unexplained", plural(one.Findings, "finding"), plural(one.Differences, "difference"), one.Unexplained)
		if one.Reason != "" {
			outcome = one.Reason
			if one.Cure != "" {
				outcome += "; " + one.Cure
			}
		}
		rows = append(rows, []string{one.Instance, one.Guest, outcome})
	}
	table(u.data, rows, nil)
}
