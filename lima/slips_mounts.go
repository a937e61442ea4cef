package lima

import (
	"path"
	"slices"
	"strings"
	"text/template"

	"go.yaml.in/yaml/v4"
)

func (s *slips) mounts() {
	for _, n := range items(s.root, "mountTypesUnsupported") {
		if n.Value == text(s.root, "mountType") {
			s.refused(n, "is the mountType", "remove one of them")
		}
	}
	seen := map[string]bool{}
	for _, m := range items(s.root, "mounts") {
		if at := at(m, "location"); at != nil {
			s.location(at)
		}
		point := at(m, "mountPoint")
		switch {
		case point == nil:
			point = at(m, "location")
		case strings.HasPrefix(point.Value, "~"):
			cure := "write {{.Home}}" + point.Value[1:]
			if strings.Trim(point.Value, "~/") == "" {
				cure = "write {{.Home}}/NAME: the home itself is the guest's"
			}
			s.refused(point, "must not start with ~", cure)
		default:
			if filled, ok := s.filledIn(point, guestWords); ok && !strings.HasPrefix(filled, "/") {
				s.taken(point, "is no absolute path"+came(point, filled)+": the directory is mounted below the home, or not at all", "mountPoint: /mnt/"+path.Base(point.Value))
			}
		}
		s.nineP(m)
		if point == nil {
			continue
		}
		switch {
		case slices.Contains(refusedMountPoints, point.Value):
			s.refused(point, "is a directory of the guest's system", "mountPoint: another one, such as /mnt/work")
		case strings.HasPrefix(point.Value, MountPrefix):
			s.taken(point, MountPrefix+"* is Lima's own", "mountPoint: another one, such as /mnt/work")
		case seen[point.Value]:
			s.taken(point, "is where another one of them is mounted: Lima mounts the first alone", "mountPoint: another one, such as /mnt/work")
		}
		seen[point.Value] = true
	}
}

// location holds what is mounted to what limactl takes.
func (s *slips) location(n *yaml.Node) {
	filled, ok := s.filledIn(n, hostWords)
	if param := s.emptyParam(n); param != "" {
		s.taken(n, "is nothing as long as param."+param+" is: limactl makes no instance of it", "param: {"+param+": VALUE}")
		return
	}
	switch {
	case !ok || strings.HasPrefix(filled, "/") || filled == "~" || strings.HasPrefix(filled, "~/"):
	case strings.HasPrefix(filled, "~"):
		s.refused(n, "is the home of somebody else, which Lima does not look up", "write it out, or ~/ for your own")
	default:
		cure := "write it out: only mounts of a profile may be relative to it, as {host: ./src, guest: /mnt/src}"
		if _, name, of := strings.Cut(n.Value, ".Param."); of && strings.HasPrefix(filled, "<no value>") {
			cure = "param: {" + strings.TrimRight(name[:strings.IndexAny(name+"}", "}/ ")], " ") + ": VALUE} beside it"
		}
		s.refused(n, "must be an absolute path, or start with ~"+came(n, filled), cure)
	}
}

// emptyParam is a parameter of the template's that a text begins with and that has no value, as where
// limactl create is to be told it; empty: there is none.
func (s *slips) emptyParam(n *yaml.Node) string {
	params := at(s.root, "param")
	for key := range Entries(params) {
		name := key.Value
		if text(params, name) == "" && strings.HasPrefix(strings.ReplaceAll(n.Value, " ", ""), "{{.Param."+name+"}}") {
			return name
		}
	}
	return ""
}

// leastMSize is the smallest that the kernel takes.
const leastMSize = 4 << 10

func (s *slips) nineP(m *yaml.Node) {
	n := at(m, "9p", "msize")
	if n == nil || n.Kind != yaml.ScalarNode {
		return
	}
	switch bytes, ok := ParseSize(n.Value); {
	case !ok:
		s.refused(n, "is no size", "write 128KiB")
	case bytes < leastMSize:
		s.taken(n, "is less than 4KiB: the guest's kernel does not mount the directory", "write 128KiB")
	}
}

// absolute refuses a path that is none once its words are filled in.
func (s *slips) absolute(n *yaml.Node, words []string) {
	if n == nil {
		return
	}
	if filled, ok := s.filledIn(n, words); ok && !strings.HasPrefix(filled, "/") {
		s.refused(n, "must be an absolute path"+came(n, filled), "")
	}
}

// came says what Lima makes of a text, where that is another.
func came(n *yaml.Node, filled string) string {
	switch {
	case filled == n.Value:
		return ""
	case filled == "":
		return ", and Lima fills in nothing"
	}
	return ", and Lima fills in " + filled
}

// standIns are what Lima's words are like.
var standIns = map[string]string{
	"Home": "/home/u", "User": "u", "UID": "1000", "Name": "i", "Hostname": "lima-i", "Dir": "/lima/i", "GlobalTempDir": "/tmp", "TempDir": "/tmp", "Instance": "i", "LimaHome": "/lima",
}

// filledIn is a text as Lima fills it in, with stand-ins for its words. Not ok: other
// files may have what it hangs on.
func (s *slips) filledIn(n *yaml.Node, words []string) (string, bool) {
	tree, err := template.New("").Parse(n.Value)
	if err != nil { // which Lima leaves as it is
		return n.Value, true
	}
	params := map[string]string{}
	for name, value := range s.around.Params {
		params[name] = value
	}
	if own := at(s.root, "param"); own != nil && own.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(own.Content); i += 2 {
			params[own.Content[i].Value] = text(own, own.Content[i].Value)
		}
	}
	data := map[string]any{"Param": params}
	for _, word := range words {
		if word != "Param" {
			data[word] = standIns[word]
		}
	}
	for _, field := range fieldsIn(tree.Root, true) {
		if _, known := params[field[len(field)-1]]; field[0] == "Param" && !known && s.elsewhere() {
			return "", false
		}
	}
	var out strings.Builder
	if tree.Execute(&out, data) != nil {
		return n.Value, true
	}
	return out.String(), true
}
