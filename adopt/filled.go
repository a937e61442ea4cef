package adopt

import (
	"slices"
	"strings"

	"vmloom/pattern"
)

// CompareFilled compares both templates as limactl has filled them, value by value: it gives what differs
// and nothing explains, neither a reason of its own nor one of the differences that were said, and how
// many values were compared. What limactl resolved is Lima's own word, and no model of it.
func (a *Adoption) CompareFilled(old, new []byte, said []Difference) (left []Difference, values int, err error) {
	before, err := parse(old)
	if err != nil {
		return nil, 0, err
	}
	after, err := parse(new)
	if err != nil {
		return nil, 0, err
	}
	d := (&differ{host: a.host, filled: true}).compare(before, after)
	for _, x := range d.out {
		if x.Why == "" && !a.ofThisHost(x) && !slices.ContainsFunc(said, func(s Difference) bool { return (s.Why != "" || a.HoldsSecret(s)) && covers(s, x) }) {
			left = append(left, x)
		}
	}
	return left, d.old.leaves(), nil
}

// ofThisHost reports whether a value is one that the template leaves to the size of the host.
func (a *Adoption) ofThisHost(x Difference) bool {
	return (x.Path == "cpus" || x.Path == "memory") && scalar(a.root, x.Path) == ""
}

// covers reports whether one difference is the other, or a part of it.
func covers(said, x Difference) bool {
	below := func(a, b string) bool {
		rest, is := strings.CutPrefix(a, b)
		return is && (rest == "" || rest[0] == '.' || rest[0] == '[')
	}
	return below(x.Path, said.Path) || below(said.Path, x.Path)
}

// leaves is how many single values there are in a value.
func (v *value) leaves() (n int) {
	if !v.many {
		return 1
	}
	for _, k := range v.keys {
		n += v.at[k].leaves()
	}
	return n
}

// madeUp is what limactl calls a probe without a description: by its place in the list.
var madeUp = pattern.New(`^user probe [0-9]+/[0-9]+$`)

// withoutEcho takes out of an element what limactl says of it a second time, or makes up.
func (v *value) withoutEcho(place string) {
	switch place {
	case "probes[]":
		if madeUp().MatchString(v.str("description")) {
			v.remove("description")
		}
	}
}

func (v *value) remove(key string) {
	v.keys = slices.DeleteFunc(v.keys, func(k string) bool { return k == key })
	delete(v.at, key)
}
