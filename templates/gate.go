package templates

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
)

// gate refuses what would let a value into the output unquoted, or a decision into
// a template. It reports every offence, sorted, and never guesses: what it does not
// know is refused.
//
//   - the extension before .tmpl names the language: flake.nix.tmpl is Nix
//   - an action that prints ends in a function of that language
//   - {{template}} calls only templates of that language
//   - if, with and range look at a plain field or variable
//   - and, or, not, eq, … are not called anywhere
//
// It looks at the given templates of root.
func gate(root *template.Template, templates []*template.Template) error {
	g := gater{root: root}
	seen := map[*parse.Tree]bool{}
	for _, t := range templates {
		if t.Tree == nil || seen[t.Tree] { // partials have two names
			continue
		}
		seen[t.Tree] = true
		g.tree = t.Tree
		if g.in = languageOf(t.ParseName); g.in == nil {
			g.problems = append(g.problems, t.ParseName+": no language has this extension")
			continue
		}
		g.list(t.Root)
	}
	slices.Sort(g.problems)
	if len(g.problems) == 0 {
		return nil
	}
	return errors.New(strings.Join(slices.Compact(g.problems), "\n"))
}

// languageOf is that of a file, nil for an unknown one.
func languageOf(file string) *language {
	ext := path.Ext(strings.TrimSuffix(file, suffix))
	all := languages()
	for i := range all {
		if slices.Contains(all[i].exts, ext) {
			return &all[i]
		}
	}
	return nil
}

type gater struct {
	root     *template.Template
	tree     *parse.Tree // being walked
	in       *language   // whose functions may print in it
	problems []string
}

func (g *gater) refuse(n parse.Node, format string, args ...any) {
	where, _ := g.tree.ErrorContext(n)
	g.problems = append(g.problems, where+": "+fmt.Sprintf(format, args...))
}

func (g *gater) list(l *parse.ListNode) {
	if l == nil {
		return
	}
	for i, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			g.action(n)
			if q := enclosing(l.Nodes, i); q != "" && !strings.HasSuffix(printer(n.Pipe), "Comment") {
				g.refuse(n, "%s is inside %s: it prints its own quotes", n, q)
			}
		case *parse.IfNode:
			g.branch("if", &n.BranchNode)
		case *parse.WithNode:
			g.branch("with", &n.BranchNode)
		case *parse.RangeNode:
			g.branch("range", &n.BranchNode)
		case *parse.TemplateNode:
			g.call(n)
		case *parse.TextNode, *parse.CommentNode, *parse.BreakNode, *parse.ContinueNode:
		default:
			g.refuse(n, "%s: unknown kind of node", n)
		}
	}
}

func (g *gater) action(n *parse.ActionNode) {
	g.logic(n.Pipe)
	if _, quotes := g.in.funcs[printer(n.Pipe)]; len(n.Pipe.Decl) == 0 && !quotes {
		g.refuse(n, "%s prints unquoted: end it in one of %s", n, strings.Join(slices.Sorted(maps.Keys(g.in.funcs)), ", "))
	}
}

// printer is the function whose result the pipeline is, or "".
func printer(p *parse.PipeNode) string {
	last := p.Cmds[len(p.Cmds)-1]
	if id, ok := last.Args[0].(*parse.IdentifierNode); ok {
		return id.Ident
	}
	return ""
}

func (g *gater) branch(keyword string, n *parse.BranchNode) {
	if !plain(n.Pipe) {
		g.refuse(n.Pipe, "{{%s %s}} is more than a field: decide in Go", keyword, n.Pipe)
	}
	g.list(n.List)
	g.list(n.ElseList)
}

func plain(p *parse.PipeNode) bool {
	if len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 1 {
		return false
	}
	switch p.Cmds[0].Args[0].(type) {
	case *parse.FieldNode, *parse.VariableNode, *parse.DotNode:
		return true
	}
	return false
}

func (g *gater) call(n *parse.TemplateNode) {
	if n.Pipe != nil {
		g.logic(n.Pipe)
	}
	callee := g.root.Lookup(n.Name)
	if callee == nil || callee.Tree == nil {
		g.refuse(n, "%s: no such template", n)
	} else if languageOf(callee.ParseName) != g.in {
		g.refuse(n, "%s is not of this file's language", n)
	}
}

// logic refuses decisions in a pipeline, however deep in parentheses.
func (g *gater) logic(p *parse.PipeNode) {
	for _, c := range p.Cmds {
		for _, arg := range c.Args {
			switch arg := arg.(type) {
			case *parse.PipeNode:
				g.logic(arg)
			case *parse.ChainNode:
				if inner, ok := arg.Node.(*parse.PipeNode); ok {
					g.logic(inner)
				}
			case *parse.IdentifierNode:
				switch arg.Ident {
				case "and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge":
					g.refuse(arg, "%s is a decision: decide in Go", arg.Ident)
				}
			}
		}
	}
}

// enclosing is the quote that surrounds the action nodes[i], as in "{{ nix .X }}".
// It speaks only where that is certain: the quote stands right before the action,
// opens on this line (an odd number of them) and closes on it. So it misses
// "a {{ nix .X }}", and it leaves alone the "$HOME/"{{ sh .X }}".sock" of a script.
// XML attributes and Markdown use quotes otherwise, but rarely next to an action.
func enclosing(nodes []parse.Node, i int) string {
	if i == 0 || i+1 == len(nodes) {
		return ""
	}
	before, ok1 := nodes[i-1].(*parse.TextNode)
	after, ok2 := nodes[i+1].(*parse.TextNode)
	if !ok1 || !ok2 {
		return ""
	}
	head := string(before.Text[bytes.LastIndexByte(before.Text, '\n')+1:])
	line, _, _ := bytes.Cut(after.Text, []byte("\n"))
	tail := string(line)
	for _, q := range []string{`"`, `'`} {
		if strings.HasSuffix(head, q) && strings.Count(head, q)%2 == 1 && strings.Count(tail, q)%2 == 1 {
			return q
		}
	}
	return ""
}
