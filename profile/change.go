package profile

import (
	"reflect"
	"slices"
	"strings"

	"vmloom/pattern"
)

// Cost is what a change of a field asks of a VM that is there.
type Cost string

// The costs, from the least disturbance to the greatest.
const (
	Live    Cost = "live"    // the VM runs on
	Restart Cost = "restart" // it stops and starts
	Switch  Cost = "switch"  // the guest takes on another definition of its system
	Rebuild Cost = "rebuild" // it is made again
)

// AnotherVM is what a change of a VM's own name means: the one that is there stays as it is.
const AnotherVM = "another VM"

// change is what a field is a part of, as its tag of that name says.
type change struct {
	// words are what docs say that a change costs.
	words string
	// cost of a profile's change; "": it reaches no VM of that profile.
	cost func(*Profile) Cost
	// host marks what is on the host alone, where up looks itself.
	host bool `empty:"it is in the VM"`
}

var changeTable once[map[string]change]

// changes by the words of the tag. A guest system's row and a runner's say what theirs cost.
func changes() map[string]change { return changeTable.by(changeRows) }

func changeRows() map[string]change {
	of := func(how SetUp) func(*Profile) Cost {
		return func(p *Profile) Cost {
			if p.System().SetUp == how {
				return Switch
			}
			return ""
		}
	}
	return map[string]change{
		"nothing": {words: "nothing", cost: func(*Profile) Cost { return "" }},
		"other":   {words: AnotherVM, cost: func(*Profile) Cost { return "" }},
		"host":    {words: "live", cost: func(*Profile) Cost { return Live }, host: true},
		"system":  {words: "live; NixOS, Guix: switch", cost: func(p *Profile) Cost { return p.System().Change }},
		"flake":   {words: "switch", cost: of(ByFlake)},
		"guix":    {words: "switch", cost: of(ByGuix)},
		"machine": {words: "restart", cost: func(p *Profile) Cost { return p.RunBy().Machine }},
		"mount": {words: "restart, live where it comes over ssh", cost: func(p *Profile) Cost {
			if p.MountsLive() {
				return Live
			}
			return p.RunBy().Machine
		}},
		"forward": {words: "live", cost: func(*Profile) Cost { return Live }},
		"inflake": {words: "live; NixOS: switch", cost: func(p *Profile) Cost {
			if p.System().SetUp == ByFlake {
				return Switch
			}
			return Live
		}},
		"engine": {words: "live; containerd under Lima: restart; NixOS, Guix: switch", cost: func(p *Profile) Cost {
			if e, ok := p.Engine(); ok && e.ByLima(p.System()) {
				return Restart
			}
			return p.System().Change
		}},
		"port": {words: "live; Lima: restart where one goes or moves, is of UDP, a range or at another address", cost: func(*Profile) Cost { return Live }},
		"disk": {words: "restart; QEMU: rebuild", cost: func(p *Profile) Cost { return p.RunBy().Disk }},
		"made": {words: "rebuild", cost: func(*Profile) Cost { return Rebuild }},
	}
}

// ChangeWords say what a change of a field costs, whatever runner and guest: a path of the
// reference, such as mounts[].guest. Empty: a section.
func ChangeWords(path string) string {
	var words []string
	for _, part := range changeTag(path) {
		words = append(words, changes()[part].words)
	}
	switch {
	case len(words) == 0:
		return ""
	case slices.Contains(words, "rebuild"):
		return "rebuild"
	case len(words) > 1 && !strings.Contains(words[0], "; "): // of the machine, and of the system in it
		_, where, differs := strings.Cut(words[1], "; ")
		if !differs { // a field of the flake alone
			return words[0] + ", and " + words[1]
		}
		return words[0] + "; " + strings.Replace(where, ": ", ": also ", 1)
	}
	return words[0]
}

// CostOf says what a change of a field costs this VM: none, or all of them together.
func (p *Profile) CostOf(path string) []Cost { return p.costs(changeTag(path)) }

func (p *Profile) costs(tag []string) (out []Cost) {
	for _, part := range tag {
		cost := changes()[part].cost(p)
		if cost == "" {
			return nil // of another guest
		}
		if !slices.Contains(out, cost) {
			out = append(out, cost)
		}
	}
	if slices.Contains(out, Rebuild) {
		return []Cost{Rebuild}
	}
	if slices.Contains(out, Restart) { // which does what could be done live
		out = slices.DeleteFunc(out, func(c Cost) bool { return c == Live })
	}
	return out
}

var brackets = pattern.New(`\[[^\]]*\]`)

// changeTag is the tag of the field at a path, or of the last field on the way there.
func changeTag(path string) (tag []string) {
	t := profileType
	for key := range strings.SplitSeq(brackets().ReplaceAllString(path, ""), ".") {
		for t.Kind() == reflect.Slice || t.Kind() == reflect.Map || t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || !fieldsOf(t).byName[key].known() {
			break
		}
		f := t.Field(fieldsOf(t).byName[key].index)
		tag, t = changeOf(f), f.Type
	}
	return tag
}

func changeOf(f reflect.StructField) []string {
	if tag := f.Tag.Get("change"); tag != "" {
		return strings.Split(tag, ",")
	}
	return nil
}
