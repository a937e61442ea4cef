package lima

import (
	"strings"
	"testing"
)

func TestParseLog(t *testing.T) {
	for _, c := range []struct {
		line             string
		level, msg, errs string
		json             bool
	}{
		{`time="2026-11-22T05:17:24Z" level=fatal msg="instance ` + "`x`" + ` is \"stopped\""`, "fatal", "instance `x` is \"stopped\"", "", false},
		{"time=\"2026-11-22T05:17:24Z\" level=info msg=READY\n", "info", "READY", "", false},
		{`time="t" level=warning msg="failed" arch=x error="open \"/x\": no"`, "warning", "failed", `open "/x": no`, false},
		{`time="t" level=warning msg="failed" note="an error=none" error=EOF`, "warning", "failed", "EOF", false},
		{`time="t" level=info msg=`, "info", "", "", false},
		{`{"error":"exit status 1","level":"fatal","msg":"failed to start","time":"t"}`, "fatal", "failed to start", "exit status 1", true},
	} {
		l, ok := ParseLog(c.line)
		if !ok || l.Level != c.level || l.Msg != c.msg || l.JSON != c.json || l.Field("error") != c.errs {
			t.Errorf("%s: %v %+v %q", c.line, ok, l, l.Field("error"))
		}
		if l.Field("nothing") != "" {
			t.Errorf("%s: a field that is not there", c.line)
		}
	}
	for _, line := range []string{"", "READY", `{"a": 1}`, `{"level": `, "ssh: connect to host 127.0.0.1: Connection refused", `x time="t" level=info msg=a`} {
		if l, ok := ParseLog(line); ok {
			t.Errorf("%q is a line of a log: %+v", line, l)
		}
	}
}

// TestRecordedLog: each line of stderr that was recorded is one, or is not limactl's.
func TestRecordedLog(t *testing.T) {
	stages := map[string]bool{}
	for _, archive := range []string{"recordings.txtar", "build.txtar"} {
		read := 0
		for name, text := range recorded(t, archive) {
			for line := range strings.Lines(text) {
				l, ok := ParseLog(line)
				if (strings.HasPrefix(line, "time=") || strings.HasPrefix(line, `{"level"`)) != ok {
					t.Errorf("%s: %s: %v", name, line, ok)
				}
				if ok {
					read++
				}
				stages[Stage(l.Msg)] = true
			}
		}
		if read < 50 {
			t.Errorf("%s: %d lines of a log", archive, read)
		}
	}
	for _, want := range []string{"", "ready", "downloading the image"} {
		if !stages[want] {
			t.Errorf("no line reports the stage %q: %v", want, stages)
		}
	}
}

func TestStage(t *testing.T) {
	for msg, want := range map[string]string{
		"Waiting for the essential requirement 1 of 3: `ssh`": "waiting: ssh",
		`Waiting for the final requirement 1 of 1: "boot"`:    "waiting: boot",
		"Starting VZ (hint: ...)":                             "booting", "Starting QEMU": "booting",
		"READY. Run `lima`": "ready", "Shutting down the host agent": "shutting down", "Anything": "",
	} {
		if got := Stage(msg); got != want {
			t.Errorf("%s: %q", msg, got)
		}
	}
}
