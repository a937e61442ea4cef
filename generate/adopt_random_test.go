package generate_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"vmloom/adopt"
	"vmloom/internal/tooltest"
	"vmloom/lima"
)

// TestAdoptRandom: whatever a template within Lima's keys has is in the template that
// its profile makes, at the same place and with the same value, or a difference tells
// of it. Neither side is read by the code that compares them.
func TestAdoptRandom(t *testing.T) {
	seeds, adoptedOnes := uint64(150), 0
	if tooltest.Full() {
		seeds = 5000
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 1))
		old := "base: template:_images/ubuntu-24.04\n" + randomTemplate(r)
		in := adopt.Input{Lima: adopt.File{Name: "lima.yaml", Data: []byte(old)}, Instance: "default", Host: adopt.Host{OS: "linux", Arch: "x86_64", User: "dev", Home: "/home/dev", UID: 1000}}
		var no *adopt.Refusal
		switch first, err := adopt.Read(in); {
		case errors.As(err, &no):
			continue
		case err != nil:
			t.Fatalf("seed %d: %v\n%s", seed, err, old)
		case first.Host().OS == "macos" && strings.Contains(old, "mountType: 9p"):
			continue // vz has none: Lima refuses the template
		case strings.Contains(old, "- 9p\n") && strings.Contains(old, "- reverse-sshfs\n"):
			continue // no type is left: limactl create refuses it
		}
		adoptedOnes++
		a, _, text, template, ds := adopted(t, in)
		said := func(path string) bool {
			for _, d := range ds {
				top, _, _ := strings.Cut(strings.ReplaceAll(d.Path, "[", ".["), ".")
				if strings.HasPrefix(path, top) {
					return true
				}
			}
			for _, f := range a.Findings {
				if strings.HasPrefix(f.What, strings.SplitN(strings.ReplaceAll(path, "[]", "."), ".", 2)[0]) {
					return true
				}
			}
			return false
		}
		made := leavesOf(t, template)
		for _, leaf := range leavesOf(t, []byte(old)) {
			if !holds(made, leaf) && !said(leaf[0]) {
				t.Errorf("seed %d: %s: %q is lost, and nothing tells\n%s\n%s\n%s", seed, leaf[0], leaf[1], old, text, template)
				return
			}
		}
	}
	if adoptedOnes < 100 {
		t.Errorf("only %d of the templates were adopted", adoptedOnes)
	}
}

// randomTemplate has some of Lima's keys with some of the values that they may have.
func randomTemplate(r *rand.Rand) string {
	var b strings.Builder
	for _, key := range lima.KeysOf("") {
		switch key {
		case "base", "os", "images", "minimumLimaVersion", "arch": // which system it is
			continue
		}
		for try := 0; try < 20 && (try > 0 || r.IntN(6) == 0); try++ {
			out, err := yaml.Dump(map[string]any{key: randomValue(r, key, 0)})
			if err == nil && limaTakes(out) {
				b.Write(out)
				break
			}
		}
	}
	return b.String()
}

// limaTakes reports whether limactl would make an instance of a part of a template.
func limaTakes(part []byte) bool {
	var doc yaml.Node
	if err := yaml.Load(part, &doc); err != nil {
		return false
	}
	return !slices.ContainsFunc(lima.Check(doc.Content[0]), lima.Problem.Refused) &&
		!slices.ContainsFunc(lima.Slips(doc.Content[0], lima.Around{}), func(s lima.Slip) bool { return s.Refused })
}

// plausible are values of places where few will do.
var plausible = map[string]any{
	"guestIP": "127.0.0.1", "hostIP": "0.0.0.0", "digest": "", "arch": "aarch64", "script": "#!/bin/sh\ntrue", "guestPortRange": []any{3000, 3010}, "hostPortRange": []any{4000, 4010},
	"macAddress": "52:55:55:00:00:01", "guest": "/srv/a", "host": "/srv/b", "guestSocket": "/run/a.sock", "interface": "hda", "shell": "/bin/zsh",
}

func randomValue(r *rand.Rand, place string, depth int) any {
	k, known := lima.KeyAt(place)
	words := []string{"abc", "x y", "", "~/src", "/srv/data", "a#b", "{{.Home}}/x", "1", "true"}
	value, few := plausible[place[strings.LastIndexByte(place, '.')+1:]]
	switch {
	case few && r.IntN(8) > 0:
		return value
	case !known || depth > 4:
		return words[r.IntN(len(words))]
	case place == "memory" || place == "disk":
		return []any{"8GiB", "12000MiB", "60GiB"}[r.IntN(3)]
	case len(k.Values) > 0 && k.Type&(lima.List|lima.Mapping) == 0:
		return k.Values[r.IntN(len(k.Values))]
	case k.Type&lima.Mapping != 0:
		out := map[string]any{}
		names := lima.KeysOf(place)
		for _, name := range names {
			if need, _ := lima.KeyAt(lima.Join(place, name)); need.Required || r.IntN(3) == 0 {
				out[name] = randomValue(r, lima.Join(place, name), depth+1)
			}
		}
		if len(names) == 0 {
			out["SOME"] = randomValue(r, lima.Join(place, "*"), depth+1)
		}
		return out
	case k.Type&lima.List != 0:
		var out []any
		for range r.IntN(3) {
			out = append(out, randomValue(r, place+"[]", depth+1))
		}
		return out
	case k.Type&lima.Flag != 0:
		return r.IntN(2) == 0
	case k.Type&lima.Integer != 0:
		return 1 + r.IntN(9000)
	}
	return words[r.IntN(len(words))] + fmt.Sprint(r.IntN(1000)) // that two mounts are not one
}

// leavesOf are the values of a document with their places, in which elements of a list have no number.
func leavesOf(t *testing.T, doc []byte) (out [][2]string) {
	t.Helper()
	var root any
	if err := yaml.Load(doc, &root); err != nil {
		t.Fatal(err)
	}
	var visit func(place string, v any)
	visit = func(place string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				visit(strings.TrimPrefix(place+"."+name, "."), inner)
			}
		case []any:
			for _, inner := range v {
				visit(place+"[]", inner)
			}
		case nil:
		default:
			out = append(out, [2]string{place, fmt.Sprint(v)})
		}
	}
	visit("", root)
	return out
}

// holds reports whether a leaf is among others. Lima's own default may be left out,
// and a size or a path may be written in another way.
func holds(all [][2]string, leaf [2]string) bool {
	if text, known := lima.DefaultAt(leaf[0]); known && text == leaf[1] {
		return true
	}
	size, isSize := lima.ParseSize(leaf[1])
	home := strings.NewReplacer("{{.Home}}", "~", "/home/dev/", "~/")
	for _, has := range all {
		if has[0] != leaf[0] {
			continue
		}
		bytes, _ := lima.ParseSize(has[1])
		if has[1] == leaf[1] || isSize && bytes == size || home.Replace(has[1]) == home.Replace(leaf[1]) {
			return true
		}
	}
	return false
}
