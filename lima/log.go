package lima

import (
	"encoding/json"
	"strconv"
	"strings"

	"vmloom/pattern"
)

// LogLine is one line of a log of Lima's, which logrus writes in two forms: as
// text by limactl, as JSON by the host agent and by limactl --log-format json.
type LogLine struct {
	// Level is debug, info, warning, error or fatal.
	Level string
	Msg   string
	// JSON is the form.
	JSON bool

	fields string
	err    string
}

var (
	logText  = pattern.New(`^time=\S+ level=(\w+) msg=("(?:[^"\\]|\\.)*"|\S*)(.*)$`)
	logField = pattern.New(` (\w+)=("(?:[^"\\]|\\.)*"|\S+)`)
)

// ParseLog reads a line of a log; ok is false for what is none.
func ParseLog(line string) (l LogLine, ok bool) {
	line = strings.TrimRight(line, "\r\n")
	if m := logText().FindStringSubmatch(line); m != nil {
		return LogLine{Level: m[1], Msg: unquoted(m[2]), fields: m[3]}, true
	}
	var agent struct{ Level, Msg, Error string }
	if !strings.HasPrefix(line, "{") || json.Unmarshal([]byte(line), &agent) != nil || agent.Level == "" {
		return LogLine{}, false
	}
	return LogLine{Level: agent.Level, Msg: agent.Msg, JSON: true, err: agent.Error}, true
}

// Field is a further field of the line, such as error; empty where there is none.
func (l LogLine) Field(name string) string {
	if l.JSON && name == "error" {
		return l.err
	}
	for _, m := range logField().FindAllStringSubmatch(l.fields, -1) {
		if m[1] == name {
			return unquoted(m[2])
		}
	}
	return ""
}

func unquoted(s string) string {
	if text, err := strconv.Unquote(s); err == nil {
		return text
	}
	return s
}

var waits = pattern.New("^Waiting for the (?:essential|optional|final) requirement [0-9]+ of [0-9]+: [`\"]?(.*?)[`\"]?$")

// Stage words what an instance is at by a message of limactl's; empty: the message
// tells nothing of it.
func Stage(msg string) string {
	if m := waits().FindStringSubmatch(msg); m != nil {
		return "waiting: " + m[1]
	}
	if what, ok := strings.CutPrefix(msg, "Attempting to download "); ok {
		return "downloading " + what
	}
	for _, s := range []struct{ prefix, stage string }{
		{"Starting QEMU", "booting"},
		{"Starting VZ", "booting"},
		{"READY", "ready"},
		{"Shutting down", "shutting down"},
	} {
		if strings.HasPrefix(msg, s.prefix) {
			return s.stage
		}
	}
	return ""
}
