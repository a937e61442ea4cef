package flake

import (
	"net/url"
	"strings"

	"vmloom/pattern"
)

var commit = pattern.New(`^[0-9a-f]{40}$`)

// canonical is one form of a reference; empty where it is of a kind that is not compared.
func (a attrs) canonical() string {
	switch a.Type {
	case "github", "gitlab", "sourcehut":
		return strings.Join([]string{a.Type, strings.ToLower(a.Owner), strings.ToLower(a.Repo), a.Ref, a.Rev, a.Dir, a.Host}, "\n")
	case "path":
		return "path\n" + a.Path
	}
	return ""
}

// Wants is the form of a reference that Pin.Wanted has for it.
func Wants(ref string) string {
	scheme, rest, _ := strings.Cut(ref, ":")
	rest, query, _ := strings.Cut(rest, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return ""
	}
	a := attrs{Type: scheme, Ref: values.Get("ref"), Rev: values.Get("rev"), Dir: values.Get("dir"), Host: values.Get("host"), Path: rest}
	if scheme == "path" {
		return a.canonical()
	}
	parts := strings.SplitN(rest, "/", 3)
	if len(parts) < 2 {
		return ""
	}
	if a.Owner, a.Repo = parts[0], parts[1]; len(parts) == 3 {
		if at, err := url.PathUnescape(parts[2]); err == nil && commit().MatchString(at) {
			a.Rev = at
		} else if err == nil {
			a.Ref = at
		}
	}
	return a.canonical()
}

// Misfits are the inputs that a lock pins from another reference than the flake has, and those that it does not pin at all.
func (l Lock) Misfits(inputs []Input) (moved, missing []string) {
	pins, root := l.Pins(), l.Nodes[l.Root].Inputs
	for _, in := range inputs {
		pin, pinned := pins[in.Name]
		_, known := root[in.Name]
		switch wants := Wants(in.URL); {
		case !known:
			missing = append(missing, in.Name)
		case pinned && wants != "" && pin.Wanted != "" && pin.Wanted != wants:
			moved = append(moved, in.Name)
		}
	}
	return moved, missing
}
