package profile

import (
	"net/url"
	"strconv"
	"strings"
)

// What a text of a wrong form may have meant, where hosts and networks are
// concerned: each function gives a text to try, or nothing.

// likelyIPv4 are addresses of the host as other programs write them. Lima and QEMU open ports in IPv4.
func likelyIPv4(text string) string {
	switch bare := strings.Trim(strings.ToLower(text), "[]"); bare {
	case "localhost", "::1", "loopback", "lo":
		return loopback
	case "*", "::", "0", "all", "any":
		return anyAddress
	default:
		return addressIn(strings.TrimSuffix(text, "."))
	}
}

// likelyMAC writes the address of a card with colons.
func likelyMAC(text string) string {
	digits := strings.NewReplacer("-", "", ".", "", ":", "").Replace(strings.TrimSpace(text))
	if len(digits) != 12 {
		return ""
	}
	var parts []string
	for i := 0; i < 12; i += 2 {
		parts = append(parts, digits[i:i+2])
	}
	return strings.Join(parts, ":")
}

// likelyProxy is the URL of a proxy whose scheme is missing or in capitals, or that goes on behind its port.
func likelyProxy(text string) string {
	scheme, rest, cut := strings.Cut(text, "://")
	if !cut {
		return "http://" + text
	}
	if scheme = strings.ToLower(scheme); scheme != "http" && scheme != "https" {
		return ""
	}
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}

// withoutUser takes name and password out of a URL: no message has them.
func withoutUser(text string) string {
	scheme, rest, _ := strings.Cut(text, "://")
	return scheme + "://" + rest[strings.LastIndex(rest, "@")+1:]
}

// listOf writes a text as a list in YAML: what commas part are elements of their own, and in quotes where they need them.
func listOf(text string) string {
	var all []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); strings.ContainsAny(part, "{}[]#&*!|>'\"%@`: ") {
			part = strconv.Quote(part)
		}
		all = append(all, part)
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// likelyBeyond is the host in a URL.
func likelyBeyond(text string) string {
	if u, err := url.Parse(text); err == nil && u.Host != "" {
		return u.Host
	}
	return ""
}

// likelyLimaHome is a directory without a slash at its end, with ~/ for a variable.
func likelyLimaHome(text string) string {
	if rest, ok := strings.CutPrefix(text, "~"); ok && !strings.HasPrefix(rest, "/") {
		return ""
	}
	if meant := likelyHostPath(text); strings.HasPrefix(meant, "~/") {
		text = meant
	}
	return strings.TrimRight(text, "/")
}
