package profile

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"sync"
)

// localesText are the locales in UTF-8 that glibc has, sorted, a line each, spelt as its localedata/SUPPORTED has
// them: those that never had another encoding without .UTF-8.
//
//go:embed locales.txt
var localesText string

// glibcVersion is the version of glibc that locales.txt was made from.
const glibcVersion = "2.36"

// locales are glibc's own spellings, by the profile's.
var locales = sync.OnceValue(func() map[string]string {
	own := map[string]string{"C.UTF-8": "C.UTF-8"}
	for name := range strings.FieldsSeq(localesText) {
		own[strings.TrimSuffix(name, ".UTF-8")+".UTF-8"] = name
	}
	return own
})

// GlibcLocale is a locale as glibc's list spells it, en_IN for en_IN.UTF-8: NixOS builds what that list has.
func GlibcLocale(name string) string {
	if own, known := locales()[name]; known {
		return own
	}
	return name
}

// localeVar reports whether an environment variable names a locale.
func localeVar(name string) bool { return name == "LANG" || strings.HasPrefix(name, "LC_") }

// locales warns of names that no guest can make a locale of.
func (l *linter) locales() {
	named := map[string]string{"guest.locale": l.p.Guest.Locale}
	for name, value := range l.p.Guest.Env {
		if localeVar(name) && forms["locale"].ok(value) {
			named[join("guest.env", name)] = value
		}
	}
	for _, at := range slices.Sorted(maps.Keys(named)) {
		name := named[at]
		if _, known := locales()[name]; name == "" || known {
			continue
		}
		l.warn("unknown-locale", at, "is not among the locales of glibc "+glibcVersion, localeHint(name))
	}
}

// localeHint names locales of the same language: another one is never meant.
func localeHint(name string) string {
	language, _, _ := strings.Cut(name, "_")
	var same []string
	for own := range locales() {
		if strings.HasPrefix(own, language+"_") {
			same = append(same, own)
		}
	}
	slices.Sort(same)
	switch {
	case len(same) == 0:
		return "look it up in /usr/share/i18n/SUPPORTED"
	case len(same) > 6:
		return "did you mean " + strings.Join(Near(name, same, 3), ", ") + "?"
	}
	return "of that language it has " + strings.Join(same, ", ")
}
