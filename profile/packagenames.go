package profile

import (
	"slices"
	"strings"
	"sync"
)

// SamePackages are the packages of the map that a word stands for: by its name, or
// else by a manager's own name for it, or else by a command or another word for it.
func SamePackages(word string) []Entry {
	if e, ok := LookupPackage(word); ok {
		return []Entry{e}
	}
	for _, known := range []map[string][]int{packageWords().own, packageWords().also, packageWords().loose} {
		var out []Entry
		for _, i := range known[strings.ToLower(word)] {
			out = append(out, Packages()[i])
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// NearPackages gives names of the package map that are likely meant by got: those
// it stands for, or else those that are spelt nearly so.
func NearPackages(got string) []string {
	const limit = 3
	var same []string
	for _, e := range SamePackages(got) {
		same = append(same, e.Name)
	}
	if len(same) > 0 || got == "" {
		return same[:min(limit, len(same))]
	}
	var names, also []string
	for _, e := range Packages() {
		names, also = append(names, e.Name), append(also, e.Also...)
	}
	also = slices.DeleteFunc(also, func(word string) bool { return len(word) < 4 }) // all short words are alike
	if near := Near(got, names, limit); len(near) > 0 {
		return near
	}
	for _, word := range Near(got, also, 1) {
		for _, e := range SamePackages(word) {
			same = append(same, e.Name)
		}
	}
	return same[:min(limit, len(same))]
}

// words lead from a word to rows of the package map, by their indexes.
type words struct {
	own   map[string][]int // a manager's own names
	also  map[string][]int // commands and other words
	loose map[string][]int // parts of own names: pip of python3Packages.pip, bind of bind:utils
}

var packageWords = sync.OnceValue(func() words {
	w := words{map[string][]int{}, map[string][]int{}, map[string][]int{}}
	add := func(to map[string][]int, word string, i int) {
		if word = strings.ToLower(word); word != "" && !slices.Contains(to[word], i) {
			to[word] = append(to[word], i)
		}
	}
	for i, e := range Packages() {
		add(w.loose, e.Name, i) // in other letters: Git, NeoVim
		for _, word := range e.Also {
			add(w.also, word, i)
		}
		for _, column := range PackageColumns() {
			for _, o := range e.Offers[column] {
				add(w.own, o.Name, i)
				add(w.loose, o.Name[strings.LastIndexByte(o.Name, '.')+1:], i)
				name, _, _ := strings.Cut(o.Name, ":")
				add(w.loose, name, i)
			}
		}
	}
	return w
})
