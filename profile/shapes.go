package profile

import (
	"cmp"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"

	"vmloom/pattern"
)

// What is said of a value in the wrong shape: how to write it. Other programs
// have one text where a profile has a mapping.

// dockerPort is a port as Docker, Podman and ssh write it, without its protocol: [ADDRESS:]HOST:GUEST.
var dockerPort = pattern.New(`^(?:([0-9.]+|\*|localhost):|\[[0-9a-f:]+\]:)?([0-9]{1,5}(?:-[0-9]{1,5})?):([0-9]{1,5}(?:-[0-9]{1,5})?)$`)

// dockerMount is HOST:GUEST[:OPTIONS].
var dockerMount = pattern.New(`^([^:]+):(/[^:]*)(?::([a-zA-Z,]+))?$`)

// inList writes a text as the element of a list of mappings; empty where the elements are texts.
func inList(at, text string) string {
	switch at {
	case "ports", "mounts", "sockets", "disks", "lima.networks":
		return inShape(item(at, 0), text)
	}
	return ""
}

// diskHint writes a disk as its mapping: a directory, or NAME:SIZE.
func diskHint(text string) string {
	name, size, _ := strings.Cut(text, ":")
	size = strings.TrimSpace(size)
	if _, err := ParseSize(size); err != nil {
		size = "20GiB"
	}
	mount := name
	if name = slug(path.Base(name)); name == "" || name == "home" {
		name = "data"
	}
	if !forms["plain path"].ok(mount) || mount == "/" {
		mount = "/" + name
	}
	return "{name: " + name + ", size: " + size + ", mount: " + mount + "}"
}

// assignments writes what stands in place of guest.env, NAME=value or a list of them, as its mapping.
func assignments(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return variables(strings.Fields(n.Value)...)
	}
	var texts []string
	for _, c := range n.Content {
		texts = append(texts, c.Value)
	}
	if n.Kind != yaml.SequenceNode || len(texts) == 0 || len(texts) > 4 {
		return ""
	}
	return variables(texts...)
}

// inShape writes a text as the mapping that belongs at path; empty where that is not known.
func inShape(path, text string) string {
	switch list, _, _ := strings.Cut(path, "["); list {
	case "ports":
		return portHint(text)
	case "mounts":
		if meant := mountMeant(text); meant != "" {
			return meant
		}
		if form := forms["host path"]; form.ok(text) {
			return "{host: " + text + "}"
		}
		return "{host: ~/src, writable: true}"
	case "disks":
		return diskHint(text)
	case "lima.networks":
		if name := cmp.Or(networkMeant(text), text); forms["instance"].ok(name) {
			return "{name: " + name + "}"
		}
		return "{name: user-v2}"
	case "network":
		if slices.Contains([]string{"none", "listed", "all"}, text) {
			return "{forward: " + text + "}"
		}
	case "guest.setup":
		if forms["beside"].ok(text) {
			return "{once: [" + text + "]}"
		}
	case "home":
		if _, err := ParseSize(text); err == nil {
			return "{disk: " + text + "}"
		}
	case "sockets":
		if slices.Contains(presetNames(), text) {
			return "{name: " + strings.TrimLeft(text, "0123456789") + ", from: " + text + "}"
		}
		if form := forms["host path"]; form.ok(text) {
			return "{name: NAME, host: " + text + "}"
		}
		return "{name: docker, from: colima}"
	}
	if strings.HasPrefix(path, "nix.inputs.") && forms["flake"].ok(text) {
		return "{url: " + text + "}"
	}
	if url := withoutUser(likelyProxy(text)); path == "guest.proxy" && forms["proxy"].ok(url) {
		return "{http: " + url + "}"
	}
	if path == "guest.user" && account(text) != "" {
		return "{name: " + account(text) + "}"
	}
	return oneKey(path, text)
}

// oneKey writes a text as the only, or the only required, key of the mapping at path.
func oneKey(path, text string) string {
	t, ok := typeAt(path)
	if !ok || text == "" || path == "home" && almostSize().FindString(text) == "" && !isSize(text) || strings.ContainsAny(text, "{}[],#&*!|>'\"%@`: ") {
		return ""
	}
	fields := fieldsOf(t)
	names := slices.DeleteFunc(slices.Clone(fields.names), func(n string) bool { return !fields.byName[n].required && len(fields.names) > 1 })
	if len(names) != 1 {
		return ""
	}
	return "{" + names[0] + ": " + text + "}"
}

func isSize(text string) bool {
	_, err := ParseSize(text)
	return err == nil
}

// typeAt is the struct of a profile at a path of plain keys, such as guest.user.
func typeAt(path string) (reflect.Type, bool) {
	t := profileType
	for key := range strings.SplitSeq(path, ".") {
		f, ok := fieldsOf(t).byName[key]
		if !ok {
			return nil, false
		}
		if t = t.Field(f.index).Type; t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct {
			return nil, false
		}
	}
	return t, true
}

// homes are, for the name of a key, the mappings of a profile that have one of
// that name, such as resources for cpus: the least deep first, those of lists with [].
var homes = sync.OnceValue(func() map[string][]string {
	out := map[string][]string{}
	var visit func(t reflect.Type, path string)
	visit = func(t reflect.Type, path string) {
		fields := fieldsOf(t)
		for _, key := range fields.names {
			if path != "" {
				out[key] = append(out[key], path)
			}
			list := ""
			of := t.Field(fields.byName[key].index).Type
			for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
				if of.Kind() == reflect.Slice {
					list = "[]"
				}
				of = of.Elem()
			}
			if of.Kind() == reflect.Struct {
				visit(of, join(path, key)+list)
			}
		}
	}
	visit(profileType, "")
	for key := range out {
		slices.SortStableFunc(out[key], func(a, b string) int { return strings.Count(a, ".") - strings.Count(b, ".") })
	}
	return out
})
