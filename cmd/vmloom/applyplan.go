package main

import (
	"fmt"
	"strings"

	"vmloom/profile"
)

// planJSON is what --json prints.
type planJSON struct {
	format
	Profile string        `json:"profile"`
	Name    string        `json:"name"`
	Changes []fieldChange `json:"changes"`
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

// readPlan reads what a dry run of the script prints.
func readPlan(text string) []fieldChange {
	out := []fieldChange{} // not null
	for line := range strings.Lines(text) {
		part := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(part) != 4 {
			continue
		}
		p := fieldChange{Field: part[1], Has: part[2], Wants: part[3]}
		for cost := range strings.SplitSeq(part[0], ",") {
			p.Costs = append(p.Costs, profile.Cost(cost))
		}
		out = append(out, p)
	}
	return out
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
