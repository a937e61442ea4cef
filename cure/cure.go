// Package cure holds what a user is told: sentences in which names, paths and
// commands are values beside the words. A command of vmloom's own is a value with
// a verb, so that each reader has it as he would type it: vmloom up PROFILE on a
// terminal, ./scripts/NAME-create.sh in a guide. It prints nothing, and no text
// is ever searched for a command.
package cure

import (
	"fmt"
	"strings"
)

// Command is a command of vmloom: a verb, its flags, and variables set for it.
// The profile is the reader's to add.
type Command struct {
	Env  []string // NAME=VALUE
	Verb string
	Args []string
}

// Vmloom is a command of vmloom's own.
func Vmloom(verb string, args ...string) Command { return Command{Verb: verb, Args: args} }

// With is the command with variables set for it.
func (c Command) With(env ...string) Command {
	c.Env = env
	return c
}

// Words of the command as it is typed, with what follows its flags.
func (c Command) Words(after ...string) []string {
	words := append([]string{"vmloom", c.Verb}, c.Args...)
	return append(words, after...)
}

// String is the command without a profile.
func (c Command) String() string {
	return strings.Join(append(append([]string{}, c.Env...), c.Words()...), " ")
}

// Text is a sentence without its full stop.
type Text struct {
	format string
	code   []any // each a string or a Command
}

// Say makes a text; each %s of format stands for a piece of code that a reader
// may set off: a string, which is shown as it is, or a Command.
func Say(format string, code ...any) Text {
	if strings.Count(format, "%s") != len(code) || strings.Count(format, "%") != len(code) {
		panic(fmt.Sprintf("cure: %q with %d pieces of code", format, len(code)))
	}
	for _, c := range code {
		switch c.(type) {
		case string, Command:
		default:
			panic(fmt.Sprintf("cure: %q: a piece of code is a %T", format, c))
		}
	}
	return Text{format, code}
}

// Do is a text that is one command.
func Do(c Command) Text { return Say("%s", c) }

// Then is both texts, with words between.
func (t Text) Then(between string, more Text) Text {
	return Text{t.format + between + more.format, append(append([]any{}, t.code...), more.code...)}
}

// IsZero reports whether there is no text.
func (t Text) IsZero() bool { return t.format == "" }

// Format is the text's words, with %s for each piece of code.
func (t Text) Format() string { return t.format }

// Code is the text's pieces of code, commands as typed has them.
func (t Text) Code(typed func(Command) string) []string {
	out := make([]string, len(t.code))
	for i, c := range t.code {
		if command, ok := c.(Command); ok {
			out[i] = typed(command)
		} else {
			out[i] = c.(string)
		}
	}
	return out
}

// Typed is the text with its code in place, commands as typed has them.
func (t Text) Typed(typed func(Command) string) string {
	var args []any
	for _, c := range t.Code(typed) {
		args = append(args, c)
	}
	return fmt.Sprintf(t.format, args...)
}

// String is the text with its code in place, commands without a profile.
func (t Text) String() string { return t.Typed(Command.String) }
