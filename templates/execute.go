package templates

import (
	"bytes"
	"cmp"
	"maps"
	"reflect"
	"text/template"
	"text/template/parse"
)

// program is a template made into a function for each of its nodes. For each action that text/template executes it looks
// up fields by their names and calls a function by reflection, which costs more than the quoting: over many profiles that
// was half of what gen did. A program remembers where a field is, and calls the functions as what they are.
//
// It knows what the shipped templates are made of, and does that as text/template does. Whatever else there is, and
// whatever goes wrong, it leaves to text/template, which does it or says what is wrong and where.
type program struct {
	steps []step
	slots int // of variables; the first is $
}

// step does what a node says: it prints, or has others print.
type step func(f *frame, dot reflect.Value)

// get is the value of an argument.
type get func(f *frame, dot reflect.Value) reflect.Value

// frame is one execution of one template.
type frame struct {
	out  *bytes.Buffer
	vars []reflect.Value
}

// unsure is thrown where text/template is to take over.
type unsure struct{ why string }

// run prints what the template makes of data; otherwise text/template has to.
func (p *program) run(out *bytes.Buffer, data any) (done bool) {
	defer func() { done = recover() == nil }() // what a function throws, text/template words
	p.in(out, reflect.ValueOf(data))
	return true
}

func (p *program) in(out *bytes.Buffer, dot reflect.Value) {
	f := frame{out, make([]reflect.Value, p.slots)}
	f.vars[0] = dot
	do(p.steps, &f, dot)
}

func do(steps []step, f *frame, dot reflect.Value) {
	for _, s := range steps {
		s(f, dot)
	}
}

// compiler makes the programs of a template and of those that it calls.
type compiler struct {
	root  *template.Template
	known map[string]*program // whole ones, of templates beside it
	made  map[string]*program // by this compiler
	scope []string            // variables of the template at hand, by slot
	most  int                 // of them at once
}

// compile is nil for a template that only text/template knows to execute. It takes the programs that are known of what
// the template calls, and adds those that it makes.
func compile(t *template.Template, known map[string]*program) (p *program) {
	defer func() {
		if _, ok := recover().(unsure); ok {
			p = nil
		}
	}()
	c := compiler{root: t, known: known, made: map[string]*program{}}
	p = c.program(t.Name())
	maps.Copy(known, c.made)
	return p
}

// program is there before its steps are: a template may call itself.
func (c *compiler) program(name string) *program {
	if p := cmp.Or(c.known[name], c.made[name]); p != nil {
		return p
	}
	t := c.root.Lookup(name)
	if t == nil || t.Tree == nil {
		panic(unsure{name})
	}
	p := &program{}
	c.made[name] = p
	inner := compiler{root: c.root, known: c.known, made: c.made, scope: []string{"$"}, most: 1}
	p.steps = inner.list(t.Root)
	p.slots = inner.most
	return p
}

func (c *compiler) list(l *parse.ListNode) (steps []step) {
	if l == nil {
		return nil
	}
	outer := c.scope
	defer func() { c.scope = outer }()
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			steps = append(steps, func(f *frame, _ reflect.Value) { f.out.Write(n.Text) })
		case *parse.ActionNode:
			steps = append(steps, c.action(n.Pipe))
		case *parse.IfNode:
			steps = append(steps, c.ifOrWith(&n.BranchNode, false))
		case *parse.WithNode:
			steps = append(steps, c.ifOrWith(&n.BranchNode, true))
		case *parse.RangeNode:
			steps = append(steps, c.rangeOver(n))
		case *parse.TemplateNode:
			steps = append(steps, c.template(n))
		case *parse.CommentNode:
		default:
			panic(unsure{n.String()})
		}
	}
	return steps
}

// action prints, or declares a variable until the end of its list.
func (c *compiler) action(p *parse.PipeNode) step {
	if len(p.Decl) == 0 {
		say := c.call(p)
		return func(f *frame, dot reflect.Value) { f.out.WriteString(say(f, dot)) }
	}
	if len(p.Decl) != 1 || p.IsAssign {
		panic(unsure{p.String()})
	}
	value := c.value(p)
	slot := c.declare(p.Decl[0])
	return func(f *frame, dot reflect.Value) { f.vars[slot] = value(f, dot) }
}

// declare gives a variable its slot.
func (c *compiler) declare(v *parse.VariableNode) int {
	c.scope = append(c.scope, v.Ident[0])
	c.most = max(c.most, len(c.scope))
	return len(c.scope) - 1
}

func (c *compiler) template(n *parse.TemplateNode) step {
	p := c.program(n.Name)
	if n.Pipe == nil {
		return func(f *frame, _ reflect.Value) { p.in(f.out, reflect.Value{}) }
	}
	with := c.pipe(n.Pipe)
	return func(f *frame, dot reflect.Value) { p.in(f.out, with(f, dot)) }
}

func (c *compiler) ifOrWith(n *parse.BranchNode, with bool) step {
	cond, yes, no := c.pipe(n.Pipe), c.list(n.List), c.list(n.ElseList)
	return func(f *frame, dot reflect.Value) {
		v := cond(f, dot)
		switch {
		case !truth(v):
			do(no, f, dot)
		case with:
			do(yes, f, v)
		default:
			do(yes, f, dot)
		}
	}
}

// rangeOver goes over a list; over all else that there is text/template does.
func (c *compiler) rangeOver(n *parse.RangeNode) step {
	over, none, outer := c.value(n.Pipe), c.list(n.ElseList), c.scope
	index, elem := -1, -1
	for i, v := range n.Pipe.Decl {
		if slot := c.declare(v); i < len(n.Pipe.Decl)-1 {
			index = slot
		} else {
			elem = slot
		}
	}
	body := c.list(n.List)
	c.scope = outer
	return func(f *frame, dot reflect.Value) {
		all := indirect(over(f, dot))
		if k := all.Kind(); k != reflect.Slice && k != reflect.Array {
			panic(unsure{n.String()})
		}
		for i := range all.Len() {
			one := all.Index(i)
			if index >= 0 {
				f.vars[index] = reflect.ValueOf(i)
			}
			if elem >= 0 {
				f.vars[elem] = one
			}
			do(body, f, one)
		}
		if all.Len() == 0 {
			do(none, f, dot)
		}
	}
}

// pipe is a pipeline that declares nothing.
func (c *compiler) pipe(p *parse.PipeNode) get {
	if len(p.Decl) > 0 {
		panic(unsure{p.String()})
	}
	return c.value(p)
}

// value is that of a pipeline which is nothing but an argument.
func (c *compiler) value(p *parse.PipeNode) get {
	if len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 1 || p.IsAssign {
		panic(unsure{p.String()})
	}
	value := c.arg(p.Cmds[0].Args[0])
	return func(f *frame, dot reflect.Value) reflect.Value {
		v := value(f, dot)
		if v.Kind() == reflect.Interface && v.NumMethod() == 0 {
			return v.Elem()
		}
		return v
	}
}

func (c *compiler) arg(n parse.Node) get {
	switch n := n.(type) {
	case *parse.DotNode:
		return func(_ *frame, dot reflect.Value) reflect.Value { return dot }
	case *parse.FieldNode:
		return fields(func(_ *frame, dot reflect.Value) reflect.Value { return dot }, n.Ident)
	case *parse.VariableNode:
		for slot := len(c.scope) - 1; slot >= 0; slot-- {
			if c.scope[slot] == n.Ident[0] {
				return fields(func(f *frame, _ reflect.Value) reflect.Value { return f.vars[slot] }, n.Ident[1:])
			}
		}
	case *parse.StringNode:
		return constant(n.Text)
	case *parse.NumberNode:
		if n.IsInt && !n.IsComplex {
			return constant(int(n.Int64))
		}
	case *parse.PipeNode:
		say := c.call(n)
		return func(f *frame, dot reflect.Value) reflect.Value { return reflect.ValueOf(say(f, dot)) }
	}
	panic(unsure{n.String()})
}

func constant(v any) get {
	value := reflect.ValueOf(v)
	return func(*frame, reflect.Value) reflect.Value { return value }
}
