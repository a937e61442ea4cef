package templates

import (
	"fmt"
	"reflect"
	"sync/atomic"
	"text/template/parse"
)

// call is a function of the gate's, or one that shapes what those print.
func (c *compiler) call(p *parse.PipeNode) func(*frame, reflect.Value) string {
	if len(p.Cmds) != 1 || len(p.Decl) > 0 {
		panic(unsure{p.String()})
	}
	name, ok := p.Cmds[0].Args[0].(*parse.IdentifierNode)
	if !ok {
		panic(unsure{p.String()})
	}
	var args []get
	for _, n := range p.Cmds[0].Args[1:] {
		args = append(args, c.arg(n))
	}
	function := functions()[name.Ident]
	if name.Ident == "printf" {
		function = fmt.Sprintf
	}
	return called(function, args)
}

// called calls a function with arguments of just its types.
func called(function any, args []get) func(*frame, reflect.Value) string {
	switch function := function.(type) {
	case func(string) (string, error):
		if a := args; len(a) == 1 {
			return func(f *frame, dot reflect.Value) string { return sure(function(text(a[0](f, dot)))) }
		}
	case func(any) (string, error):
		if a := args; len(a) == 1 {
			return func(f *frame, dot reflect.Value) string { return sure(function(a[0](f, dot).Interface())) }
		}
	case func(string, string) (string, error):
		if a := args; len(a) == 2 {
			return func(f *frame, dot reflect.Value) string {
				return sure(function(text(a[0](f, dot)), text(a[1](f, dot))))
			}
		}
	case func(int, string) (string, error):
		if a := args; len(a) == 2 {
			return func(f *frame, dot reflect.Value) string {
				return sure(function(number(a[0](f, dot)), text(a[1](f, dot))))
			}
		}
	case func(any) string:
		if a := args; len(a) == 1 {
			return func(f *frame, dot reflect.Value) string { return function(a[0](f, dot).Interface()) }
		}
	case func(string, any) string:
		if a := args; len(a) == 2 {
			return func(f *frame, dot reflect.Value) string {
				return function(text(a[0](f, dot)), a[1](f, dot).Interface())
			}
		}
	case func(string, string) string:
		if a := args; len(a) == 2 {
			return func(f *frame, dot reflect.Value) string {
				return function(text(a[0](f, dot)), text(a[1](f, dot)))
			}
		}
	case func(string, ...any) string:
		if a := args; len(a) > 0 {
			return func(f *frame, dot reflect.Value) string {
				var rest []any
				for _, one := range a[1:] {
					rest = append(rest, one(f, dot).Interface())
				}
				return function(text(a[0](f, dot)), rest...)
			}
		}
	}
	panic(unsure{fmt.Sprintf("%T of %d", function, len(args))})
}

// sure is what a function returns; text/template words its error.
func sure(s string, err error) string {
	if err != nil {
		panic(unsure{err.Error()})
	}
	return s
}

// text is an argument that must be a string, and no other type of that kind.
func text(v reflect.Value) string {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.Type() != stringType {
		panic(unsure{v.Type().String()})
	}
	return v.String()
}

func number(v reflect.Value) int {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.Type() != intType {
		panic(unsure{v.Type().String()})
	}
	return int(v.Int())
}

var stringType, intType = reflect.TypeFor[string](), reflect.TypeFor[int]()

// indirect is what a value holds or points to. There is no field in nil.
func indirect(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v
}

// truth is that of text/template: a value is false when it is empty.
func truth(v reflect.Value) bool {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() > 0
	case reflect.Struct:
		return true
	}
	return v.IsValid() && !v.IsZero()
}

// fields is a chain of fields of what a node stands for.
func fields(of get, names []string) get {
	for _, name := range names {
		inner, f := of, &field{name: name}
		of = func(fr *frame, dot reflect.Value) reflect.Value { return f.of(indirect(inner(fr, dot))) }
	}
	return of
}

// field is a name after a dot in a template. What it stands for in one type is remembered until it is asked of another.
type field struct {
	name string
	last atomic.Pointer[place]
}

// place is where a type has a field.
type place struct {
	of     reflect.Type
	index  []int
	method bool // it is none
}

func (f *field) of(v reflect.Value) reflect.Value {
	if v.Kind() != reflect.Struct {
		panic(unsure{f.name})
	}
	p := f.last.Load()
	if p == nil || p.of != v.Type() {
		p = f.find(v.Type())
		f.last.Store(p)
	}
	if p.method {
		return f.call(v)
	}
	for _, i := range p.index {
		v = indirect(v).Field(i)
	}
	return v
}

func (f *field) find(t reflect.Type) *place {
	if _, ok := reflect.PointerTo(t).MethodByName(f.name); ok {
		return &place{of: t, method: true}
	}
	found, ok := t.FieldByName(f.name)
	if !ok || !found.IsExported() {
		panic(unsure{f.name})
	}
	return &place{of: t, index: found.Index}
}

// call gives what a method without arguments returns.
func (f *field) call(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		v = v.Addr()
	}
	results := v.MethodByName(f.name).Call(nil)
	if len(results) != 1 {
		panic(unsure{f.name})
	}
	return results[0]
}
