package generate

import (
	"slices"
	"strings"

	"vmloom/cure"
	"vmloom/profile"
	"vmloom/verify"
)

// trouble is a row of the last table; code in it holds no |.
type trouble struct{ See, Because, Do prose }

// troubles are the checks of verify and doctor that a user may meet as a trouble,
// and what no check can see.
func troubles(p *profile.Profile) []trouble {
	var out []trouble
	add := func(t trouble) {
		if !slices.ContainsFunc(out, func(o trouble) bool {
			return slices.Equal(o.See, t.See) && slices.Equal(o.Because, t.Because) && slices.Equal(o.Do, t.Do)
		}) {
			out = append(out, t)
		}
	}
	script := map[string]string{"up": "create"}
	for _, verb := range scriptVerbs() {
		script[verb] = verb
	}
	for _, c := range slices.Concat(verify.Checks(p), verify.Machine(p)) {
		if !c.See.IsZero() {
			add(trouble{inGuide(p, c.See, script), inGuide(p, c.Because, script), inGuide(p, c.Cure, script)})
		}
	}
	for _, t := range unseen(p) {
		add(t)
	}
	return out
}

// inGuide has the commands of vmloom as the scripts beside the guide, by their verbs: it needs no vmloom.
func inGuide(p *profile.Profile, t cure.Text, script map[string]string) prose {
	return say(t.Format(), t.Code(func(c cure.Command) string {
		verb, ok := script[c.Verb]
		if !ok {
			return c.String()
		}
		return strings.Join(slices.Concat(c.Env, []string{"./scripts/" + p.Name + "-" + verb + ".sh"}, c.Args), " ")
	})...)
}

// unseen are troubles of the scripts and tools themselves.
func unseen(p *profile.Profile) []trouble {
	return append(runBy(p).troubles(), trouble{say("a generated file was %s", "kept"), say("it was edited by hand, and belongs to the profile"), say("%s shows the edit: write it into the profile, then %s", "vmloom gen --diff", "vmloom gen --force")})
}
