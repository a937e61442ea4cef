package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"vmloom/atomic"
	"vmloom/process"
	"vmloom/profile"
)

// envFileRows hold the guest to the variables of guest.envFile. None of them prints a value.
func envFileRows(p *profile.Profile) []Check {
	file := p.Guest.EnvFile
	if file == "" {
		return nil
	}
	const field = "guest.envFile"
	sum := inMemory(profile.EnvDir, profile.EnvPath) + " && sha256sum <" + profile.EnvPath
	has := `[ -r ` + profile.EnvPath + ` ] && while IFS= read -r line; do ` +
		`[ "$(printenv "${line%%=*}")" = "${line#*=}" ] || { echo "${line%%=*}"; exit; }; done <` + profile.EnvPath + ` && echo =`
	return append([]Check{{
		ID: "env-file/file", Title: "guest.envFile: it is there, for you alone", Not: "guest.envFile: it is not there for you alone", Field: field, Side: Host,
		Because: say("%s is missing or empty, has a line that is no NAME=VALUE, or others may read it", file), Cure: say("%s, and look at its lines", "chmod 600 "+file),
		look: func(_ context.Context, s *session) verdict {
			if v := ownFile(s.path(file)); v.status != OK {
				return v
			}
			_, v := envLines(s.path(file))
			return v
		},
	}}, inGuest(Check{
		ID: "env-file/same", Title: "guest.envFile: what it says is in the guest's memory", Not: "guest.envFile: what it says is not in the guest's memory", Field: field, State: true, Needs: []string{"env-file/file"},
		Because: say("the file was changed, or the guest started, since the variables were brought"), Cure: callRepair,
		steps: func(x *Site) []process.Step { return []process.Step{guestStep(p, x, sum)} },
		judge: func(s *Site, a []answer) verdict {
			lines, v := envLines(s.path(file))
			want := sha256.Sum256([]byte(lines))
			got, _, _ := strings.Cut(lastLine(a[0].out), " ")
			switch {
			case v.status != OK:
				return v
			case a[0].ok() && got == "":
				return mute(a[0])
			case a[0].ok() && got == hex.EncodeToString(want[:]):
				return good("well")
			case a[0].ok():
				return bad("the guest has other variables than the file")
			case a[0].talk != "":
				return bad("%s", a[0].why())
			}
			return bad("they are not there, or not for you alone and in memory")
		},
	}, Check{
		ID: "env-file/shells", Title: "guest.envFile: login shells have its variables", Not: "guest.envFile: login shells lack its variables", Field: field, Needs: []string{"env-file/same"},
		Because: say("the VM was made before the profile was changed, or a start file of the shell sets the variable after it"), Cure: callApply,
		steps: func(x *Site) []process.Step { return []process.Step{guestStep(p, x, has)} },
		judge: func(_ *Site, a []answer) verdict {
			switch said := lastLine(a[0].out); {
			case !a[0].ok():
				return bad("%s", a[0].why())
			case said == "":
				return mute(a[0])
			case said != "=":
				return bad("%s is another, or is not set", said)
			}
			return good("well")
		},
	})...)
}

// envLines are the lines of a file of variables as the scripts bring them (templates/shared/_envfile.sh.tmpl).
func envLines(path string) (string, verdict) {
	data, err := atomic.Read(path, atomic.Most)
	if err != nil {
		return "", unreadable(err)
	}
	envLine := regexp.MustCompile(`^(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$`)
	envQuote := regexp.MustCompile(`^(?:"(.*)"|'(.*)')[ \t]*$`)
	var out strings.Builder
	for i, line := range strings.Split(strings.ReplaceAll(strings.TrimSuffix(string(data), "\n"), "\r", ""), "\n") {
		if text := strings.TrimLeft(line, " \t"); text == "" || text[0] == '#' {
			continue
		}
		m := envLine.FindStringSubmatch(line)
		if m == nil {
			return "", bad("line %d is no NAME=VALUE", i+1)
		}
		if q := envQuote.FindStringSubmatch(m[2]); q != nil {
			m[2] = q[1] + q[2]
		}
		fmt.Fprintf(&out, "%s=%s\n", m[1], m[2])
	}
	if out.Len() == 0 {
		return "", bad("it has no variables")
	}
	return out.String(), good("well")
}
