package main

import (
	"context"
	"fmt"

	"vmloom/profile"
)

// explanationJSON is what --json prints.
type explanationJSON struct {
	format
	Fields []explainedJSON `json:"fields"`
}

// explainedJSON is how --json prints where a value comes from: the first place holds.
type explainedJSON struct {
	Field string     `json:"field"`
	Value string     `json:"value"`
	Said  []saidJSON `json:"said"`
	// Costs are what a change of it asks of a VM that is there; none: nothing.
	Costs []profile.Cost `json:"costs"`
	// Removed is where it was taken out, so that the default holds.
	Removed *placeJSON `json:"removed,omitempty"`
}

type saidJSON struct {
	placeJSON
	Value string `json:"value"`
}

type placeJSON struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Col  int    `json:"column"`
}

// explain says which file gave a field its value, what it took the place of, and what a change of it costs.
func explain(ctx context.Context, u *ui, args []string, field string, asJSON bool) error {
	s, err := u.oneSetup(ctx, args)
	if err != nil {
		return err
	}
	found, err := s.Explain(field)
	if err != nil {
		return usage(err.Error(), "vmloom check --explain guest.user.uid, or a whole section: guest.user")
	}
	out := []explainedJSON{}
	for _, e := range found {
		one := explainedJSON{Field: e.Path, Value: e.Value, Said: []saidJSON{}, Costs: []profile.Cost{}}
		one.Costs = append(one.Costs, s.CostOf(e.Path)...)
		for _, said := range e.Said {
			one.Said = append(one.Said, saidJSON{placeJSON{placed(s.path, said.Pos), said.Line, said.Col}, said.Value})
		}
		if e.Removed != nil {
			one.Removed = &placeJSON{placed(s.path, *e.Removed), e.Removed.Line, e.Removed.Col}
		}
		out = append(out, one)
	}
	if asJSON {
		return u.json(explanationJSON{Fields: out})
	}
	for _, one := range out {
		for _, line := range one.lines() {
			u.result(line)
		}
	}
	return nil
}

// lines tell of one value.
func (e explainedJSON) lines() []string {
	out := []string{e.Field + ": " + e.Value}
	for i, s := range e.Said {
		if i == 0 {
			out = append(out, "  "+s.at())
		} else {
			out = append(out, "  over "+s.at()+": "+s.Value)
		}
	}
	switch {
	case e.Removed != nil:
		out = append(out, "  default, since "+e.Removed.at()+" takes it out")
	case len(e.Said) == 0:
		out = append(out, "  default")
	}
	return append(out, "  a change costs: "+e.costs())
}

func (e explainedJSON) costs() string {
	switch words := profile.ChangeWords(e.Field); {
	case len(e.Costs) > 0:
		return costWords(e.Costs)
	case words == profile.AnotherVM:
		return words
	}
	return "nothing"
}

func (p placeJSON) at() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }
