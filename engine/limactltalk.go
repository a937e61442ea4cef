package engine

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// limaParser reads limactl's log, lines of logrus, and what other commands say.
type limaParser struct{ now Progress }

// logrus is a line of limactl's: time, level, message, then fields.
var logrus = regexp.MustCompile(`^time=\S+ level=(\w+) msg=("(?:[^"\\]|\\.)*"|\S*)(.*)$`)

func (p *limaParser) line(raw string) (string, bool) {
	text := plain(raw)
	var agent struct{ Level, Msg, Error string }
	if strings.HasPrefix(text, "{") && json.Unmarshal([]byte(text), &agent) == nil && agent.Level != "" {
		// The host agent's own log: limactl has told the rest.
		if agent.Level == "debug" || agent.Level == "info" {
			return "", false
		}
		text = agent.Level + ": " + agent.Msg
		if agent.Error != "" {
			text += ": " + agent.Error
		}
	} else if m := logrus.FindStringSubmatch(text); m != nil {
		text = unquoted(m[2])
		if m[1] != "info" && m[1] != "fatal" {
			text = m[1] + ": " + text
		}
		if field := logrusError.FindStringSubmatch(m[3]); field != nil {
			text += ": " + unquoted(field[1])
		}
	}
	text = plain(strings.TrimPrefix(text, "fatal: ")) // what a message quotes has colours of its own
	text = strings.TrimRight(printable(strings.ReplaceAll(strings.Replace(text, "[hostagent] ", "", 1), "\n", " ")), " ")
	if text == "" {
		return "", false
	}
	if log, ok := strings.CutPrefix(text, "[cloud-init] "); ok {
		p.now.Line, p.now.Phase = log, "cloud-init"
		return log, true
	}
	p.now.Line = text
	if stage := limaStage(text); stage != "" {
		p.now.Now = stage
	}
	return text, true
}

var logrusError = regexp.MustCompile(` error=("(?:[^"\\]|\\.)*"|\S+)`)

func unquoted(s string) string {
	if text, err := strconv.Unquote(s); err == nil {
		return text
	}
	return s
}

var limaWaits = regexp.MustCompile("^Waiting for the (?:essential|optional|final) requirement [0-9]+ of [0-9]+: [`\"]?(.*?)[`\"]?$")

// limaStage words what an instance is at, for the display.
func limaStage(text string) string {
	if m := limaWaits.FindStringSubmatch(text); m != nil {
		return "waiting: " + m[1]
	}
	for _, s := range []struct{ prefix, stage string }{
		{"Attempting to download ", "downloading " + strings.TrimPrefix(text, "Attempting to download ")},
		{"Starting QEMU", "booting"},
		{"Starting VZ", "booting"},
		{"READY", "ready"},
		{"Shutting down", "shutting down"},
	} {
		if strings.HasPrefix(text, s.prefix) {
			return s.stage
		}
	}
	return ""
}

func (p *limaParser) progress() Progress { return p.now }
