package lima

import (
	"regexp"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
	"unicode"

	"go.yaml.in/yaml/v4"
)

// The words that Lima fills into a text, for the guest and for the host
// (executeGuestTemplate, executeHostTemplate).
var (
	guestWords = strings.Fields("Home User UID Name Hostname Param")
	hostWords  = strings.Fields("Home User UID Name Dir Param GlobalTempDir TempDir Instance LimaHome")
)

// filled are the texts that Lima takes for Go templates, by their list.
var filled = []struct {
	list  string
	keys  []string
	words []string
}{
	{"provision", []string{"script", "content", "expression", "owner", "path", "permissions"}, guestWords},
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

var paramName = pattern(`^[a-zA-Z][a-zA-Z0-9_]*$`)

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
func (s *slips) words(params []string) {
	s.eachFilled(func(n *yaml.Node, words []string) {
		tree, err := template.New("").Parse(n.Value)
		if err != nil {
			if word := firstWord(n.Value, words); word != "" {
				_, why, _ := strings.Cut(strings.TrimPrefix(err.Error(), "template: "), ": ")
				s.taken(n, "is no template to Lima, so that {{."+word+"}} stays as it is: "+why, "write {{`{{…}}`}} for what the guest's program is to see")
			}
			return
		}
		for _, field := range fieldsIn(tree.Root) {
			switch {
			case !slices.Contains(words, field[0]):
				s.taken(n, "{{."+strings.Join(field, ".")+"}} is no word of Lima's: it writes <no value>",
					"write {{`{{."+strings.Join(field, ".")+"}}`}} for what the guest's program is to see; Lima's words are "+strings.Join(words, ", "))
			case field[0] == "Param" && len(field) > 1 && at(s.root, "param", field[1]) == nil && !slices.Contains(params, field[1]) && !s.elsewhere():
				s.taken(n, "{{.Param."+field[1]+"}} is no parameter: Lima writes <no value>", "param: {"+field[1]+": VALUE} beside it")
			}
		}
	})
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

// fieldsIn are the words of a template. What stands in range and with has another dot.
func fieldsIn(n parse.Node) (fields [][]string) {
	switch n := n.(type) {
	case *parse.ListNode:
		for _, one := range n.Nodes {
			fields = append(fields, fieldsIn(one)...)
		}
	case *parse.ActionNode:
		fields = fieldsIn(n.Pipe)
	case *parse.IfNode:
		fields = append(fieldsIn(n.Pipe), fieldsIn(n.List)...)
		if n.ElseList != nil {
			fields = append(fields, fieldsIn(n.ElseList)...)
		}
	case *parse.PipeNode:
		for _, command := range n.Cmds {
			for _, arg := range command.Args {
				fields = append(fields, fieldsIn(arg)...)
			}
		}
	case *parse.FieldNode:
		fields = [][]string{n.Ident}
	}
	return fields
}
