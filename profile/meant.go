package profile

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"vmloom/pattern"
)

// What other programs' words for places, languages and directories may have meant.

// below are the mappings in which a key of another program's is looked for, by the one that it stands in.
var below = map[string][]string{"": {"guest", "guest.user", "resources", "network"}, "guest": {"guest.user", "resources"}}

// nestedKey writes the key that another program's word stands for in a mapping below, or beside, the one that it stands in.
func nestedKey(place, key string) string {
	for _, in := range below[place] {
		meant := renamed[in][plainKey(key)]
		if meant == "" {
			continue
		}
		text := meant + ": …"
		for _, around := range slices.Backward(strings.Split(strings.TrimPrefix(strings.TrimPrefix(in, place), "."), ".")) {
			text = around + ": {" + text + "}"
		}
		return "write " + text
	}
	return ""
}

// localeMeant is a locale in UTF-8 that a language, or a locale in another spelling, stands for.
func localeMeant(text string) string {
	name, _, _ := strings.Cut(text, ".")
	name, _, _ = strings.Cut(name, "@")
	language, country, cut := strings.Cut(strings.ReplaceAll(name, "-", "_"), "_")
	language, country = strings.ToLower(language), strings.ToUpper(country)
	switch {
	case language == "c" || language == "posix":
		return "C.UTF-8"
	case !cut && language == "en":
		country = "US"
	case !cut:
		country = strings.ToUpper(language)
	}
	if meant := language + "_" + country + ".UTF-8"; locales()[meant] != "" {
		return meant
	}
	return ""
}

// ofUTC is a distance from it.
var ofUTC = pattern.New(`^(?:UTC|GMT)? ?([+-])0?([0-9]{1,2})(?::?00)?$`)

// zoneMeant words the hint for what is no name of a time zone.
func zoneMeant(text string) string {
	if slices.Contains([]string{"local", "host", "auto", "system"}, strings.ToLower(text)) {
		return "without the line Lima takes the host's; under QEMU write the name that readlink /etc/localtime ends with"
	}
	if m := ofUTC().FindStringSubmatch(strings.ToUpper(text)); m != nil {
		name := "Etc/GMT" + map[string]string{"+": "-", "-": "+"}[m[1]] + m[2] // POSIX counts to the west
		if knownZone(name) {
			return "write the place, or " + name + ", which is that far from UTC: its sign is the other way round"
		}
	}
	if name := strings.ReplaceAll(text, " ", "_"); name != text && knownZone(name) {
		return "write " + name
	}
	return ""
}

// withOptions is a directory of the host, and how it is mounted, as Colima has it.
var withOptions = pattern.New(`^([^:=]+):(rw?|ro|w)$`)

// mountMeant writes a mount of Docker, Colima or a dev container as its mapping; empty: it is none.
func mountMeant(text string) string {
	if m := withOptions().FindStringSubmatch(text); m != nil && forms["host path"].ok(m[1]) {
		return mountOf(m[1], "", strings.HasSuffix(m[2], "w"))
	}
	if m := dockerMount().FindStringSubmatch(text); m != nil {
		return mountOf(m[1], m[2], !slices.Contains(strings.Split(m[3], ","), "ro"))
	}
	said := map[string]string{}
	for part := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if meant := meantKey("mounts[]", key, []string{"host", "guest", "readonly"}); meant != "" {
			key = meant
		}
		said[key] = value
	}
	host := strings.NewReplacer("${localWorkspaceFolder}", ".", "${workspaceFolder}", ".", "${localEnv:HOME}", "~", "${HOME}", "~", "$HOME", "~").Replace(said["host"])
	if !forms["host path"].ok(host) || said["guest"] == "" {
		return ""
	}
	only, is := said["readonly"]
	return mountOf(host, said["guest"], !is || only == "false")
}

func mountOf(host, guest string, writable bool) string {
	if guest != "" {
		guest = ", guest: " + guest
	}
	return "{host: " + host + guest + map[bool]string{true: ", writable: true"}[writable] + "}"
}

// imageMeant words the hint for a text in the place of guest.image: most mean a system.
func imageMeant(text string) string {
	if forms["image"].ok(text) {
		return "write {location: " + text + "}"
	}
	for _, s := range Systems() {
		if is := releaseIn(s, text); is != "" {
			return fmt.Sprintf("guest.image is a file: write system: %s, release: %s, which choose Lima's", s.Name, strconv.Quote(is))
		}
	}
	return "guest.image is a file: {location: /path}; guest.system and guest.release choose Lima's"
}

// releaseIn is the release of a system that a text names: ubuntu:24.04, debian-12, 24.04; empty: none.
func releaseIn(s System, text string) string {
	rest := strings.TrimLeft(strings.TrimPrefix(strings.ToLower(path.Base(text)), s.Name), ":-/ ")
	if slices.Contains(s.ReleaseNames(), rest) {
		return rest
	}
	return ""
}
