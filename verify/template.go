package verify

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"vmloom/atomic"
	"vmloom/pattern"
	"vmloom/process"
	"vmloom/profile"
)

// Template is the check that asks this machine's limactl whether it takes the template; none for a
// VM that Lima does not start.
func Template(p *profile.Profile) []Check {
	if !p.UnderLima() {
		return nil
	}
	return []Check{{
		ID: "lima/template", Title: "limactl takes the template", Not: "limactl refuses the template", Field: "lima", Side: Host,
		Because: say("%s holds what this Lima does not take, or this Lima is older than what the profile needs", "lima.extra"), Cure: say("correct it: %s names what Lima is known to refuse", vmloom("check")),
		look: func(ctx context.Context, s *session) verdict { return s.validate(ctx, p.Lima.Instance+".yaml") },
	}}
}

// refusal is what limactl says of a template, and not of what kept it from reading it.
var refusal = pattern.New("field |unmarshal YAML|requires Lima|template `[^`]*` not found")

// validate has limactl read a template that is made now, whatever lies on the disk.
func (s *session) validate(ctx context.Context, name string) verdict {
	text, made := s.Files["lima/"+name]
	if !made {
		return skip("no template is made")
	}
	dir, done, err := atomic.Stage(os.TempDir(), "template")
	if err != nil {
		return unreadable(err)
	}
	defer done()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return unreadable(err)
	}
	a := s.ask(ctx, process.Cmd{Args: []string{"limactl", "validate", file}})
	why := strings.ReplaceAll(a.why(), file, name)
	switch {
	case a.missing():
		return skip(NotHere)
	case a.ok() && strings.Contains(a.talk, ": OK"):
		return good("it does")
	case a.ok():
		return noWord("limactl validate", "it does not say OK")
	case strings.Contains(why, "root user"):
		return skip("limactl refuses to run as root")
	case refusal().MatchString(why):
		return bad("%s", why)
	}
	return noWord("limactl validate", why)
}
