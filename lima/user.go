package lima

import (
	"strings"

	"vmloom/pattern"
)

var accountName = pattern.New(`^[a-z_][a-z0-9_-]*$`)

// GuestUser is the account that Lima makes in a guest for who calls it, unless the
// template names one (osutil.LimaUser): the same name, or lima where Linux would
// refuse that or it is reserved.
func GuestUser(login string) string {
	if !accountName().MatchString(login) || login == "admin" {
		return "lima"
	}
	return login
}

// GuestHome is the home of an account unless the template says another, by the
// version that made the instance, as in VersionFile; one that cannot be read counts
// as the newest.
func GuestHome(user, version string) string {
	if v, ok := ParseVersion(version); ok && v.Before(Version{2, 1, 0}) {
		return "/home/" + user + ".linux"
	}
	return "/home/" + user + ".guest"
}

// GuestVars are what a template's texts for the guest can name of its user:
// {{.User}}, {{.UID}} and {{.Home}}. An empty one is not known.
type GuestVars struct{ User, UID, Home string }

// Expand replaces the variables that are known; other actions stay.
func (g GuestVars) Expand(text string) string {
	var pairs []string
	for _, v := range [][2]string{{"User", g.User}, {"UID", g.UID}, {"Home", g.Home}} {
		if v[1] != "" {
			pairs = append(pairs, "{{."+v[0]+"}}", v[1], "{{ ."+v[0]+" }}", v[1])
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
