// Package process runs other programs. In goes a command as data (argument
// vector, directory, environment, files); out comes what it printed, or an
// ExitError that has its status and last words. Run is the only place of the
// program that starts a process, and it leaves none behind. Script prints a
// plan of commands as sh. It knows no tool, prints nothing and decides nothing.
package process

import (
	"slices"
	"strings"

	"vmloom/quote"
)

// Cmd is one process, as data.
type Cmd struct {
	// Args is the argument vector; Args[0] is looked up on PATH.
	Args []string
	// Dir is the working directory; empty: the caller's.
	Dir string
	// Env are NAME=VALUE pairs added to the environment.
	Env []string
	// Stdin and Stdout are files; empty: nothing is read, and output is kept or streamed.
	Stdin, Stdout string
	// Input is what the process reads, where Stdin names no file.
	Input string
	// Foreground leaves the process in the caller's process group, for a program
	// that asks at the terminal, as sudo does for a password.
	Foreground bool
}

// Step is one command of a plan.
type Step struct {
	Cmd
	// Does says in a few words what it is for.
	Does string
	// Sets names a variable for the last line of its output; ${NAME} in the
	// arguments of later steps stands for it.
	Sets string
	// Accept is what that line must look like, as a regular expression.
	Accept string
	// Evaluates tells that it reads a whole system, which takes memory until it ends.
	Evaluates bool
	// Cleanup steps run whatever happened before, an interrupt included.
	Cleanup bool
}

// String is the command as one line of sh, ready to be pasted.
func (c Cmd) String() string { return c.shell(map[string]bool{}) }

func (c Cmd) shell(variables map[string]bool) string {
	var line strings.Builder
	if c.Input != "" {
		line.WriteString("printf %s " + word(c.Input, variables) + " | ")
	}
	for _, pair := range c.Env {
		name, value, _ := strings.Cut(pair, "=")
		line.WriteString(name + "=" + word(value, variables) + " ")
	}
	for i, arg := range c.Args {
		if i > 0 {
			line.WriteByte(' ')
		}
		line.WriteString(word(arg, variables))
	}
	if c.Stdin != "" {
		line.WriteString(" < " + word(c.Stdin, variables))
	}
	if c.Stdout != "" {
		line.WriteString(" > " + word(c.Stdout, variables))
	}
	if c.Dir != "" {
		return "(cd " + word(c.Dir, variables) + " && " + line.String() + ")"
	}
	return line.String()
}

// word quotes for sh; a variable that an earlier step has set stays one.
func word(s string, variables map[string]bool) string {
	for name := range variables {
		if before, after, found := strings.Cut(s, "${"+name+"}"); found {
			out := `"${` + name + `:?}"` // empty where its step went wrong: nothing may run then
			if before != "" {
				out = word(before, variables) + out
			}
			if after != "" {
				out += word(after, variables)
			}
			return out
		}
	}
	quoted, err := quote.Sh(s)
	if err != nil { // NUL: no program can be given it either
		return "''"
	}
	return quoted
}

// Brief is the command with its long texts cut short, for messages.
func (c Cmd) Brief() Cmd {
	cut := func(text string) string {
		if strings.Count(text, "\n") > 3 {
			return "…"
		}
		return text
	}
	out := c
	out.Input, out.Args = cut(c.Input), nil
	for _, arg := range c.Args {
		out.Args = append(out.Args, cut(arg))
	}
	return out
}

// Script is a plan as lines of sh, ready to be pasted.
func Script(steps []Step) string {
	var out strings.Builder
	variables := map[string]bool{}
	for _, s := range steps {
		if s.Does != "" {
			out.WriteString("# " + s.Does + "\n")
		}
		line := s.shell(variables)
		if s.Sets != "" {
			if strings.HasPrefix(line, "(") { // $(( would begin arithmetic
				line = " " + line
			}
			line = s.Sets + "=$(" + line + " | tail -n 1)"
			variables[s.Sets] = true
		}
		out.WriteString(line + "\n")
	}
	return out.String()
}

// Needs reports whether the command's words speak of a variable that a Step sets.
func (c Cmd) Needs(variable string) bool {
	return slices.ContainsFunc(c.Args, func(arg string) bool { return strings.Contains(arg, "${"+variable+"}") })
}

// With replaces the variables that earlier Steps have set in a command's words.
func (c Cmd) With(variables map[string]string) Cmd {
	var pairs []string
	for name, value := range variables {
		pairs = append(pairs, "${"+name+"}", value)
	}
	r := strings.NewReplacer(pairs...)
	out := c
	out.Args = make([]string, len(c.Args))
	for i, arg := range c.Args {
		out.Args[i] = r.Replace(arg)
	}
	out.Dir, out.Stdin, out.Stdout = r.Replace(c.Dir), r.Replace(c.Stdin), r.Replace(c.Stdout)
	return out
}
