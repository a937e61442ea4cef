package lima

import "strings"

// Identifier is the pattern of an instance's or disk's name (identifiers.Validate),
// without its anchors.
const Identifier = `[A-Za-z0-9]+([._-][A-Za-z0-9]+)*`

// TakenForFile reports whether limactl takes a name for the file of a template.
func TakenForFile(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// Hostname is the host name that an instance has at first, and the Host of the
// ssh.config that Lima writes for it (hostname.FromInstName).
func Hostname(instance string) string {
	return "lima-" + strings.NewReplacer(".", "-", "_", "-").Replace(instance)
}

// Default is the instance that the command lima reaches.
const Default = "default"
