package lima

import (
	"regexp"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
	"unicode"

	"go.yaml.in/yaml/v4"

	"vmloom/pattern"
)

// The words that Lima fills into a text, for the guest and for the host
// (executeGuestTemplate, executeHostTemplate).
var (
	guestWords = strings.Fields("Home User UID Name Hostname Param")
	hostWords  = strings.Fields("Home User UID Name Dir Param GlobalTempDir TempDir Instance LimaHome")
)

// messageWords are another set (store.FormatData): the instance as limactl list has it.
var messageWords = strings.Fields("Name Hostname Status Dir VMType Arch CPUs Memory Disk Message AdditionalDisks Networks " +
	"SSHLocalPort SSHConfigFile HostAgentPID DriverPID Errors Config SSHAddress Protected LimaVersion Param AutoStartedIdentifier " +
	"Instance HostOS HostArch LimaHome IdentityFile")

// filled are the texts that Lima takes for Go templates, by their list.
var filled = []struct {
	list  string
	keys  []string
	words []string
}{
	{"provision", []string{"script", "content", "expression", "owner", "path"}, guestWords},
	{"probes", []string{"script"}, guestWords},
	{"copyToHost", []string{"guest"}, guestWords},
	{"copyToHost", []string{"host"}, hostWords},
	{"portForwards", []string{"guestSocket"}, guestWords},
	{"portForwards", []string{"hostSocket"}, hostWords},
	{"mounts", []string{"location"}, hostWords},
	{"mounts", []string{"mountPoint"}, guestWords},
}

// eachFilled visits those texts.
func (s *slips) eachFilled(visit func(n *yaml.Node, words []string)) {
	for _, f := range filled {
		for _, item := range items(s.root, f.list) {
			for _, key := range f.keys {
				if n := at(item, key); n != nil && n.Kind == yaml.ScalarNode {
					visit(n, f.words)
				}
			}
		}
	}
}

// elsewhere reports whether scripts come from other files too, which may use any parameter.
func (s *slips) elsewhere() bool {
	has := func(n *yaml.Node) bool { return at(n, "file") != nil || at(n, "playbook") != nil }
	return at(s.root, "base") != nil || slices.ContainsFunc(items(s.root, "provision"), has) || slices.ContainsFunc(items(s.root, "probes"), has)
}

var paramName = pattern.New(`^[a-zA-Z][a-zA-Z0-9_]*$`)

// params refuses parameters that no text uses, as Lima does (validateParamIsUsed).
func (s *slips) params() {
	params := at(s.root, "param")
	if params == nil || params.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(params.Content); i += 2 {
		key, value := params.Content[i], params.Content[i+1]
		if !paramName().MatchString(key.Value) {
			s.refused(key, "is no name of a parameter", "a letter, then letters, digits and _")
			continue
		}
		if strings.ContainsFunc(value.Value, func(r rune) bool { return !unicode.IsPrint(r) && r != '\t' }) {
			s.refused(value, "holds what is not printable", "")
		}
		use := regexp.MustCompile(`{{[^}]*\.Param\.` + key.Value + `[^}]*}}|\bPARAM_` + key.Value + `\b`)
		used := key.Value == "internal_netplanOptional" || s.elsewhere()
		s.eachFilled(func(n *yaml.Node, _ []string) { used = used || use.MatchString(n.Value) })
		if !used {
			s.refused(key, "is used by no script", "{{.Param."+key.Value+"}} in a script, or $PARAM_"+key.Value+", uses it")
		}
	}
}

// words tells of those that Lima does not know: it writes <no value> in their place.
func (s *slips) words() {
	visit := func(n *yaml.Node, words []string) {
		tree, err := template.New("").Parse(n.Value)
		if err != nil {
			if word := firstWord(n.Value, words); word != "" {
				_, why, _ := strings.Cut(strings.TrimPrefix(err.Error(), "template: "), ": ")
				s.taken(n, "is no template to Lima, so that {{."+word+"}} stays as it is: "+why, "write {{`{{…}}`}} for what the guest's program is to see")
			}
			return
		}
		for _, field := range fieldsIn(tree.Root, true) {
			switch {
			case !slices.Contains(words, field[0]):
				s.taken(n, "{{."+strings.Join(field, ".")+"}} is no word of Lima's: it writes <no value>",
					"write {{`{{."+strings.Join(field, ".")+"}}`}} for what the guest's program is to see; Lima's words are "+strings.Join(words, ", "))
			case field[0] == "Param" && len(field) > 1 && !s.hasParam(field[1]):
				s.taken(n, "{{.Param."+field[1]+"}} is no parameter: Lima writes <no value>", "param: {"+field[1]+": VALUE} beside it")
			}
		}
	}
	s.eachFilled(visit)
	if n := at(s.root, "user", "home"); n != nil { // which counts as no use of a parameter
		visit(n, guestWords)
	}
}

// hasParam reports whether a parameter is there, or may be in another file.
func (s *slips) hasParam(name string) bool {
	_, around := s.around.Params[name]
	return around || at(s.root, "param", name) != nil || s.elsewhere()
}

// message refuses one that is no template, or has a word that there is not: no command
// of limactl's works on the instance then, which create leaves behind broken.
func (s *slips) message() {
	n := at(s.root, "message")
	if n == nil || n.Kind != yaml.ScalarNode {
		return
	}
	tree, err := template.New("").Parse(n.Value)
	if err != nil {
		_, why, _ := strings.Cut(strings.TrimPrefix(err.Error(), "template: "), ": ")
		s.refused(n, "is no template, which breaks the instance: "+why, "write {{`{{…}}`}} for what is to be seen")
		return
	}
	for _, field := range fieldsIn(tree.Root, true) {
		if !slices.Contains(messageWords, field[0]) {
			s.refused(n, "{{."+strings.Join(field, ".")+"}} is no word of a message, which breaks the instance", "its words are those of limactl list --format: Name, Hostname, Dir, SSHLocalPort, Param and more")
		}
	}
}

// firstWord is one of the words that a text has between braces.
func firstWord(text string, words []string) string {
	for _, word := range words {
		if strings.Contains(text, "{{."+word+"}}") || strings.Contains(text, "{{ ."+word+" }}") {
			return word
		}
	}
	return ""
}

// fieldsIn are the words of a template. What stands in range and with has another dot:
// only $ is the same there.
func fieldsIn(n parse.Node, dot bool) (fields [][]string) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil { // there is no else
			return nil
		}
		for _, one := range n.Nodes {
			fields = append(fields, fieldsIn(one, dot)...)
		}
	case *parse.ActionNode:
		fields = fieldsIn(n.Pipe, dot)
	case *parse.IfNode:
		fields = slices.Concat(fieldsIn(n.Pipe, dot), fieldsIn(n.List, dot), fieldsIn(n.ElseList, dot))
	case *parse.RangeNode:
		fields = slices.Concat(fieldsIn(n.Pipe, dot), fieldsIn(n.List, false), fieldsIn(n.ElseList, dot))
	case *parse.WithNode:
		fields = slices.Concat(fieldsIn(n.Pipe, dot), fieldsIn(n.List, false), fieldsIn(n.ElseList, dot))
	case *parse.PipeNode:
		for _, command := range n.Cmds {
			for _, arg := range command.Args {
				fields = append(fields, fieldsIn(arg, dot)...)
			}
		}
	case *parse.ChainNode:
		fields = fieldsIn(n.Node, dot)
	case *parse.FieldNode:
		if dot {
			fields = [][]string{n.Ident}
		}
	case *parse.VariableNode:
		if n.Ident[0] == "$" && len(n.Ident) > 1 {
			fields = [][]string{n.Ident[1:]}
		}
	}
	return fields
}
