package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"vmloom/profile"
)

// planJSON is what --json prints.
type planJSON struct {
	format
	Profile string        `json:"profile"`
	Name    string        `json:"name"`
	Changes []fieldChange `json:"changes"`
	// Remade is what becomes of the VM's disks where a change costs a rebuild, a line each.
	Remade []string `json:"remade,omitempty"`
}

// remakes reports whether the VM is made again.
func (p planJSON) remakes() bool {
	return slices.ContainsFunc(p.Changes, func(c fieldChange) bool { return slices.Contains(c.Costs, profile.Rebuild) })
}

// fieldChange is a line of the plan.
type fieldChange struct {
	// Field of the profile, or a file of the VM that differs in what no field says.
	Field string         `json:"field"`
	Costs []profile.Cost `json:"costs"`
	Has   string         `json:"has"`
	Wants string         `json:"wants"`
}

var costStyles = map[profile.Cost]style{profile.Live: green, profile.Restart: yellow, profile.Switch: yellow, profile.Rebuild: red}

// readPlan reads what a dry run of the script prints: the changes, and after them what a rebuild does.
func (p *planJSON) readPlan(text string) {
	p.Changes = []fieldChange{} // not null
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		part := strings.Split(line, "\t")
		if len(part) != 4 {
			p.Remade = append(p.Remade, line)
			continue
		}
		c := fieldChange{Field: part[1], Has: part[2], Wants: part[3]}
		for cost := range strings.SplitSeq(part[0], ",") {
			c.Costs = append(c.Costs, profile.Cost(cost))
		}
		p.Changes = append(p.Changes, c)
	}
}

// show prints the plan for people.
func (p planJSON) show(w io.Writer) {
	table(w, planRows(p.Changes), func(row int) style { return costStyles[p.Changes[row].Costs[0]] })
	for _, line := range p.Remade {
		fmt.Fprintln(w, line)
	}
}

func planRows(plan []fieldChange) (rows [][]string) {
	for _, p := range plan {
		rows = append(rows, []string{costWords(p.Costs), p.Field, fmt.Sprintf("%s → %s", p.Has, p.Wants)})
	}
	return rows
}

func costWords(costs []profile.Cost) string {
	var words []string
	for _, c := range costs {
		words = append(words, string(c))
	}
	return strings.Join(words, ", ")
}
