package engine

import (
	"strings"

	"vmloom/lima"
)

// limaParser reads limactl's log, lines of logrus, and what other commands say.
type limaParser struct{ now Progress }

func (p *limaParser) line(raw string) (string, bool) {
	text := plain(raw)
	if l, ok := lima.ParseLog(text); ok {
		if l.JSON && (l.Level == "debug" || l.Level == "info") {
			return "", false // the host agent's: limactl has told the rest
		}
		text = l.Msg
		if l.Level != "info" && l.Level != "fatal" {
			text = l.Level + ": " + text
		}
		if field := l.Field("error"); field != "" {
			text += ": " + field
		}
	}
	text = plain(text) // what a message quotes has colours of its own
	text = strings.TrimRight(printable(strings.ReplaceAll(strings.Replace(text, "[hostagent] ", "", 1), "\n", " ")), " ")
	if text == "" {
		return "", false
	}
	if log, ok := strings.CutPrefix(text, "[cloud-init] "); ok {
		p.now.Line, p.now.Phase = log, "cloud-init"
		return log, true
	}
	p.now.Line = text
	if stage := lima.Stage(text); stage != "" {
		p.now.Now = stage
	}
	return text, true
}

func (p *limaParser) progress() Progress { return p.now }
