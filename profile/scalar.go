package profile

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/pattern"
)

// Limits of one text and of one key, in bytes; far beyond any real one.
const (
	maxText = 4096
	maxKey  = 256
)

// isText reports whether a node is a string in YAML 1.2, where dates are too.
func isText(n *yaml.Node) bool {
	tag := n.ShortTag()
	return n.Kind == yaml.ScalarNode && (tag == "!!str" || tag == "!!timestamp")
}

// badKey says what a key must be, or nothing.
func badKey(n *yaml.Node) string {
	switch {
	case !isText(n):
		return "text"
	case n.Value == "":
		return "text, not empty"
	case strings.ContainsFunc(n.Value, control) || len(n.Value) > maxKey:
		return fmt.Sprintf("one line of at most %d bytes without control characters", maxKey)
	}
	return ""
}

// text reads a string. A profile has no field of several lines, so control
// characters are refused here, once, for every output language.
func (d *decoder) text(n *yaml.Node, path string) (string, bool) {
	switch {
	case !isText(n):
		d.wrongType(n, path, "text")
	case strings.ContainsFunc(n.Value, control):
		d.lost(path, "must be one line without control characters", "write it on the line of its key")
	case len(n.Value) > maxText:
		d.lost(path, fmt.Sprintf("is longer than %d bytes", maxText))
	default:
		return n.Value, true
	}
	return "", false
}

// misspelt reports a word that stands for a value, where another was likely meant.
func (d *decoder) misspelt(n *yaml.Node, path, reason, word string) bool {
	if !isText(n) || len(Near(n.Value, []string{word}, 1)) == 0 {
		return false
	}
	d.lost(path, reason, "did you mean "+word+"?")
	return true
}

// 010, 0x10 and 1_000 mean different numbers to different readers.
var plainInt = pattern.New(`^-?(0|[1-9][0-9]*)$`)

func (d *decoder) integer(n *yaml.Node, path string) (int64, bool) {
	tag := n.ShortTag()
	switch {
	case n.Kind != yaml.ScalarNode || tag != "!!int" && tag != "!!float":
		d.wrongType(n, path, "a whole number")
	case !plainInt().MatchString(n.Value):
		d.lost(path, "must be a whole number in plain decimal digits", numberMeant(n.Value))
	default:
		i, err := strconv.ParseInt(n.Value, 10, 64)
		if err != nil { // out of the range of every field
			i = math.MaxInt64
		}
		return i, true
	}
	return 0, false
}

func (d *decoder) boolean(n *yaml.Node, path string) (bool, bool) {
	switch value := strings.ToLower(n.Value); {
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!bool" && (value == "true" || value == "false"):
		return value == "true", true
	default:
		d.wrongType(n, path, "true or false")
		return false, false
	}
}

// inQuotes are spellings that people take for a value of another type.
var inQuotes = map[string]string{"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false", "true": "true", "false": "false",
	"1": "true", "0": "false", "rw": "true", "ro": "false", "enabled": "true", "disabled": "false"}

// wrongType says what a value must be and, where the spelling is all that is
// wrong with it, how to write it.
func (d *decoder) wrongType(n *yaml.Node, path, want string) {
	reason, hint := "must be "+want, ""
	short := n.Kind == yaml.ScalarNode && len(n.Value) <= 64 && !strings.ContainsFunc(n.Value, control)
	switch {
	case n.Kind == yaml.ScalarNode && n.Value == "~" && want == "text" && n.ShortTag() == "!!null":
		hint = "a lone ~ is nothing in YAML: write ~/, or quotes around it"
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null":
		reason, hint = reason+", not empty", "remove the key, or give it a value"
		if n.Anchor != "" {
			hint = "a text that begins with & needs quotes"
		}
	case short && want == "text":
		hint = fmt.Sprintf("write it in quotes: %q", n.Value)
	case short && want == "true or false" && inQuotes[strings.ToLower(n.Value)] != "":
		hint = "write " + inQuotes[strings.ToLower(n.Value)]
	case short && want == "a whole number" && plainInt().MatchString(n.Value):
		hint = "write it without quotes: " + n.Value
	case short && want == "a whole number" && numberMeant(n.Value) != "":
		hint = numberMeant(n.Value)
	case want == "true or false" && n.Kind == yaml.MappingNode && scalarAt(n, "enabled") != nil && inQuotes[scalarAt(n, "enabled").Value] != "":
		hint = "write " + inQuotes[scalarAt(n, "enabled").Value]
	case want == "text" && n.Kind == yaml.SequenceNode && len(n.Content) > 0 && n.Content[0].Kind == yaml.ScalarNode:
		hint = "it takes one value: " + n.Content[0].Value
	case path == "network.hosts" && want == "a mapping" && n.Kind == yaml.SequenceNode && hostsLine(n) != "":
		hint = "write " + hostsLine(n)
	case path == "guest.env" && want == "a mapping" && assignments(n) != "":
		hint = "write " + assignments(n)
	case want == "text" && n.Kind == yaml.MappingNode && len(n.Content) > 0 && n.Content[0].Kind == yaml.MappingNode:
		hint = "write the value itself: nothing is expanded in a profile, and braces in a text need quotes"
	case short && path == "guest.image":
		hint = imageMeant(n.Value)
	case want == "true or false" && path == "nix.homeManager" && strings.HasSuffix(n.Value, ".nix"):
		hint = "write true, and homeModules: [" + n.Value + "]"
	case path == "resources.cpus" && slices.Contains([]string{"all", "max", "auto", "host"}, strings.ToLower(n.Value)):
		hint = "write 100%, of the host's"
	case short && want == "a mapping" && inShape(path, n.Value) != "":
		hint = "write " + inShape(path, n.Value)
	case short && want == "a mapping" && strings.Contains(n.Value, ":") && !strings.Contains(n.Value, ": "):
		hint = "put a blank after the colon"
	case want == "a mapping" && shapes[path] != "":
		hint = "write " + shapes[path]
	case want == "a list" && n.Kind == yaml.MappingNode && len(n.Content) > 0 && odd(n.Content[0].Value) != "":
		hint = odd(n.Content[0].Value)
	case want == "a list" && n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle != 0:
		hint = "put brackets around it: [{…}]"
		if list := elements(path, n); list != "" { // {8080: 80}
			hint = "write [" + list + "]"
		}
	case want == "a list" && n.Kind == yaml.MappingNode:
		hint = `put "- " before each element`
	case short && want == "a list" && odd(n.Value) != "":
		hint = odd(n.Value)
	case short && want == "a list" && strings.HasPrefix(n.Value, "-"):
		hint = "put a blank after each dash: - " + strings.TrimLeft(strings.Fields(n.Value)[0], "-")
	case short && want == "a list" && inList(path, n.Value) != "":
		hint = "write [" + inList(path, n.Value) + "]"
	case short && want == "a list" && n.Value != "":
		hint = "write it as a list, even of one: " + listOf(n.Value)
	}
	d.lost(path, reason, hint)
}
