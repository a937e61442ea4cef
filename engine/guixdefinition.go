package engine

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"
)

// guixModules are faults in the profile's own modules, told with their places: of
// two files with one name, the one whose path says more is looked for first.
func guixModules(j *Job) (table []known) {
	modules := slices.Clone(j.Profile.Guix.Modules)
	slices.SortStableFunc(modules, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, module := range modules {
		name := dollars(module)
		at := `(?:^|: )[^:\n]*?` + regexp.QuoteMeta(strings.TrimLeft(path.Clean(module), "./")) + `:(\d+):\d+: `
		cure := "correct line $1 of " + name
		table = append(table,
			// What it asked for was refused; where it did follows.
			known{saying(`error: (.*)\n.*error: failed to load '.*':\n[^:\n]*?` + regexp.QuoteMeta(path.Base(module)) + `:(\d+):\d+: In procedure .*:\nThrow to key`),
				name + ": $1", "correct line $2 of " + name, "guix.modules"},
			known{saying(at + `error: \(.*((?:extraneous|missing) field initializers \(.*\))$`), name + ": $2", cure, "guix.modules"},
			known{saying(at + `In procedure .*:\n(?:error: |In procedure )?(.+)$`), name + ": $2", cure, "guix.modules"},
			known{saying(at + `(?:error: )?(.+)$`), name + ": $2", cure, "guix.modules"})
	}
	return table
}

// guixDefinition are faults that the definition as a whole has.
func guixDefinition(j *Job) []known {
	theirs, field := guixOrigin(j)
	loads := theirs
	if modules := j.Profile.Guix.Modules; len(modules) > 0 {
		loads = "look at the use-modules and load forms of " + dollars(strings.Join(modules, ", "))
	}
	ours := `(?:\S*/)?guix/` + regexp.QuoteMeta(guixFile(j.Profile)) // generated; any other file is somebody's own
	const packages = "guest.packages"
	return []known{
		{saying("failed to create GC root [`'](.*)': (.*)$"), "link $1: $2", "remove it", ""},
		{saying(`error: (\S+): unknown package$`), packages + ": $1: this guix has no such package", "guix search finds it; name it by hand: {guix: NAME}", packages},
		{saying("error: package `(\\S+)@\\S+' lacks output `(\\S+)'$"), packages + ": $1: this guix has no output $2 of it", "guix show $1 lists its outputs", packages},
		{saying(`error: (\S+): package not found for version (\S+)$`), packages + ": $1: this guix has no version $2 of it", "guix show $1 lists its versions", packages},
		{saying(`error: package (\S+)@\S+ does not support (\S+)-linux$`), packages + ": $1: Guix has none for $2", "take it out, or change guest.arch", packages},
		{saying(`^(` + ours + `):(\d+):(\d+): error: \(.*((?:extraneous|missing) field initializers \(.*\))$`), "$1, line $2: $4", theirs, field},
		{saying(`^(` + ours + `):(\d+):(\d+): (?:error: )?(missing closing parenthesis|.*: unbound variable|module \(.*\) not found)$`), "$1, line $2: $4", theirs, field},
		{saying(`^(` + ours + `):(\d+):(\d+): error: (.*)$`), "$1, line $2: $4", theirs, field},
		{saying(`^(\S+/checkouts/\S+\.scm):(\d+):(\d+): (?:error: )?(.+)$`), "$1, line $2: $4", "it is a channel's file: another commit of that channel in guix.channels", "guix.channels"},
		{saying(`^(\S+\.scm):(\d+):(\d+): error: \(.*((?:extraneous|missing) field initializers \(.*\))$`), "$1, line $2: $4", "correct line $2 of $1", ""},
		{saying(`^(\S+\.scm):(\d+):(\d+): (?:error: )?(missing closing parenthesis|.*: unbound variable|module \(.*\) not found)$`), "$1, line $2: $4", "correct line $2 of $1", ""},
		{saying(`^(\S+\.scm):(\d+):(\d+): error: (.*)$`), "$1, line $2: $4", "correct line $2 of $1", ""},
		{saying(`error: read error while loading '.*': (\S+):(\d+):\d+: (.*)$`), "$1, line $2: $3", theirs, field},
		{saying(`error: (service '.*' provided more than once|service '.*' requires '.*', which is not provided by any service|(?:primary|supplementary) group .* is undeclared|'.*' does not return an operating system or an image)$`),
			"system: $1", theirs, field},
		{saying(`error: failed to load '(.*)':(?: No such file or directory|\n\S+: In procedure primitive-load-path: Unable to find file .*)$`), "$1: it, or a file that it loads, is not there", loads, field},
		{saying(`error: failed to load '(.*)':\n\S+: In procedure .*:\n(no code for module .+)$`), "$1: $2", loads, field},
		{saying(`error: failed to load '(.*)':\n\S+: In procedure .*:\n(?:error: |In procedure )?(.+)$`), "$1: $2", theirs, field},
		{saying(`error: failed to load '(.*)':\n\S+: In procedure (.+)$`), "$1: $2", theirs, field},
		{saying(`error: (\S+): no such image type$`), "image type $1: this guix does not know it", "a commit of Guix " + j.Profile.Guix.Version + " in guix.channels does", "guix.channels"},
		{saying(`^\S+: In procedure raise-exception:\n(?:error: |In procedure )?((?:[^\n#]|#[^<\n])*?)[ (:.]*(?:#<.*)?$`), "system: $1", theirs, field},
		// A value found out late, deep in Guix: its last words follow a backtrace.
		{saying(`^\S+\.scm:\d+:\d+: In procedure ([^:\s]+): Wrong type argument(?: in position \d+)?(?: \(expecting [^)]*\))?: (.+?)` + atLast), "system: $2 stands where something of another kind belongs ($1)", theirs, field},
		{saying(`^\S+\.scm:\d+:\d+: In procedure (.+?)` + atLast), "system: $1", theirs, field},
	}
}

// guixOrigin says whose a fault of the definition is: the profile's own modules', if it has some.
func guixOrigin(j *Job) (hint, field string) {
	if modules := j.Profile.Guix.Modules; len(modules) > 0 {
		return "look at what customize in " + dollars(modules[len(modules)-1]) + " does", "guix.modules"
	}
	return "guix.version must be that of the commit in guix.channels; where it is, the fault is vmloom's: tell us, with the log", "guix.version"
}
