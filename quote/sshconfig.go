package quote

import (
	"errors"
	"fmt"
	"strings"
)

// SSHConfig writes a string, int or bool (yes, no) as one argument of an ssh_config
// keyword that expands nothing, such as Port or User. It is not for ProxyCommand,
// LocalCommand, RemoteCommand and Match exec, which take the raw rest of the line.
// The empty string is refused, as ssh does.
//
// A double quote is refused: only OpenSSH since 8.7 can escape it. For backslashes,
// older versions know no escape at all, so one is doubled only where 8.7 would take
// it for an escape.
func SSHConfig(v any) (string, error) {
	v, err := value("ssh_config", v)
	if err != nil {
		return "", err
	}
	switch v := v.(type) {
	case int64, uint64:
		return fmt.Sprint(v), nil
	case bool:
		if v {
			return "yes", nil
		}
		return "no", nil
	case string:
		return sshArgument(v)
	}
	return "", noLiteral("ssh_config", v)
}

func sshArgument(s string) (string, error) {
	if s == "" {
		return "", errors.New("ssh_config: empty argument")
	}
	if err := checkLine("ssh_config", s); err != nil {
		return "", err
	}
	if err := refuse("ssh_config", s, func(r rune) bool { return r == '"' }); err != nil {
		return "", err
	}
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(s[i])
		// At the end, the closing quote would follow.
		if s[i] == '\\' && (i+1 == len(s) || s[i+1] == '\\' || s[i+1] == '\'') {
			b.WriteByte('\\')
		}
	}
	// A leading = would be the one of `User=x`.
	if strings.ContainsAny(s, ` #'`) || s[0] == '=' {
		return `"` + b.String() + `"`, nil
	}
	return b.String(), nil
}

// SSHConfigPath writes the argument of a keyword that expands % tokens and ${VAR}
// (IdentityFile, IdentityAgent, ControlPath, UserKnownHostsFile, CertificateFile,
// HostName, forwards): % is doubled, and ${ is refused for want of an escape, as is
// a leading $, by which IdentityAgent names a variable. A leading ~ still expands.
func SSHConfigPath(s string) (string, error) {
	if strings.HasPrefix(s, "$") || strings.Contains(s, "${") {
		return "", fmt.Errorf("ssh_config: %q would expand a variable", s)
	}
	return SSHConfig(strings.ReplaceAll(s, "%", "%%"))
}

// SSHPattern checks that a name for Host is one literal host: no wildcard, no
// negation, no list, no quoting, and no option when given to ssh.
func SSHPattern(s string) (string, error) {
	if s == "" || s[0] == '-' {
		return "", fmt.Errorf("ssh_config: %q is not a host name", s)
	}
	if err := check("ssh_config", s); err != nil {
		return "", err
	}
	return s, refuse("ssh_config", s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._:-", r))
	})
}

// SSHComment returns s as text for one # comment line.
func SSHComment(s string) (string, error) { return comment("ssh_config", s) }
