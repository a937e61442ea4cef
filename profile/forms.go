package profile

import (
	"regexp"

	"vmloom/lima"
	"vmloom/pattern"
)

// form is a pattern that texts follow. A field names its form in its tag; the
// decoder, the JSON Schema and the rules take it from here alone.
type form struct {
	pattern string
	words   string // for people: "must be ..."
	re      func() *regexp.Regexp
}

// ok reports whether a text is of the form. A pattern is compiled at its first
// use, since few profiles need most of them.
func (f *form) ok(text string) bool { return f.re().MatchString(text) }

func newForm(text, words string) *form { return &form{text, words, pattern.New(text)} }

// nixAttribute is a part of an attribute path. What is no name of Nix stands in quotes there:
// emacsPackages."2bit", vimPlugins."sourcemap.vim".
const nixAttribute = `([A-Za-z_][A-Za-z0-9_'-]*|"[A-Za-z0-9_@][A-Za-z0-9_@.+/-]*")`

// guixKey is a public key as guix archive --generate-key writes it.
const guixKey = `^\s*\(public-key\s[^;]*\)\s*$`

// IsGuixKey reports whether a text is a public key of Guix.
func IsGuixKey(text string) bool { return forms["guix key"].ok(text) }

// How an input of a flake is called, and an attribute.
const (
	inputName = `[A-Za-z_][A-Za-z0-9_-]*`
	attrName  = `[A-Za-z_][A-Za-z0-9_'-]*`
)

// forms by the name that a field's tag has: form:"label".
var forms = map[string]*form{
	"label":    newForm(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`, "lower-case letters, digits and single inner dashes, starting with a letter"),
	"login":    newForm(`^[A-Za-z_][A-Za-z0-9._-]*$`, "a login name"),
	"account":  newForm(`^[a-z_][a-z0-9_-]*$`, "lower-case letters, digits, dashes and underscores, starting with a letter or underscore"),
	"instance": newForm("^"+lima.Identifier+"$", "letters and digits, with single dots, dashes or underscores between them"),
	"zone":     newForm(`^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$`, "a name of the tz database, such as Europe/Berlin"),
	"locale":   newForm(`^(C|[a-z]{2,3}_[A-Z]{2})\.UTF-8$`, "a locale in UTF-8, such as en_US.UTF-8 or C.UTF-8"),
	"variable": newForm(`^[A-Za-z_][A-Za-z0-9_]*$`, "the name of a variable"),
	"domain":   newForm(`^[A-Za-z0-9][A-Za-z0-9._-]*$`, "letters, digits, dots, dashes and underscores, 63 at most"),

	"absolute":     newForm(`^/`, "an absolute path"),
	"address":      newForm(`^[0-9]{1,3}(\.[0-9]{1,3}){3}$`, "an IPv4 address, such as 127.0.0.1"),
	"ip":           newForm(`^[0-9a-fA-F.:]+$`, "an IP address"),
	"card":         newForm(`^[A-Za-z][A-Za-z0-9._-]*$`, "a letter, then letters, digits and . _ -"),
	"mac":          newForm(`^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$`, "a MAC address, such as 52:55:55:12:34:56"),
	"server name":  newForm(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`, "a host name, such as db.internal"),
	"image":        newForm(`^(https?://[^ ]+|/.*|~/.*)$`, "https://…, or a path: absolute, or starting with ~/"),
	"digest":       newForm(`^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$`, "sha256: and 64 hexadecimal digits, or sha512: and 128"),
	"lima home":    newForm(`^(~?/)[A-Za-z0-9._/@+ -]*[A-Za-z0-9._@+-]$`, "a directory of letters, digits, blanks and . _ @ + -, absolute or starting with ~/"),
	"host path":    newForm(`^(/|~/|\.\.?(/|$))`, "absolute, or start with ~/, or with ./ for a place relative to the profile"),
	"run path":     newForm(`^/run/[^/]+/`, "in a directory below /run"),
	"part":         newForm(`^([^/~\\:][^\\:]*/)?[^/~\\:]+$`, "a path relative to this file, such as ../base.yaml"),
	"nix module":   newForm(`^([.][.]?/.*[.]nix|`+inputName+`#`+attrName+`([.]`+attrName+`)*)$`, "a path relative to the profile, such as ./local.nix, or INPUT#ATTRIBUTE of nix.inputs, such as sops-nix#nixosModules.sops"),
	"package name": newForm(`^[A-Za-z0-9_][A-Za-z0-9._+-]*$`, `a package's name, or "all"`),
	"substituter":  newForm(`^(https?|s3|ssh|ssh-ng|file)://[^ ]+$`, "the URL of a binary cache, such as https://nix-community.cachix.org"),
	"image server": newForm(`^(https?://[^/\s"'<>\\`+"`"+`]+|file://)(/[^\s"'<>\\`+"`"+`]*)?$`, "the URL of a directory, such as https://images.example.org/team"),
	"minisign key": newForm(`^RW[A-Za-z0-9+/]{54}$`, "a public key of minisign: the last line of its .pub file, RW…"),
	"nix key":      newForm(`^[A-Za-z0-9._-]+:[A-Za-z0-9+/]{43}=$`, "a key as NAME:BASE64, such as nix-community.cachix.org-1:mB9F…="),
	"input":        newForm(`^`+inputName+`$`, "letters, digits, dashes and underscores, starting with a letter"),
	"follows":      newForm(`^`+inputName+`(/`+inputName+`)*$`, "an input, or INPUT/NAME for an input of another one"),
	"nix setting":  newForm(`^[a-z]+[a-z0-9]*(-[a-z0-9]+)*$`, "the name of a setting of nix.conf"),

	"glob":      newForm(`^([^/.*][^/]*|[.]?\*[^/]*|[.])(/[^/]+)*$`, "a path below this file, such as machines/*/vmloom.yaml"),
	"host name": newForm(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$|^[0-9a-fA-F:]*:[0-9a-fA-F:]*$`, "a host name or an address"),
	"guix key":  newForm(guixKey, "the text of /etc/guix/signing-key.pub: (public-key (ecc (curve Ed25519) (q #…#)))"),

	"guix key or file": newForm(`^[.][.]?/.|`+guixKey, "the text of the server's signing-key.pub, (public-key (ecc (curve Ed25519) (q #…#))), or a path relative to the profile, such as ./keys/server.pub"),

	"beside":       newForm(`^[.][.]?/[^|]+$`, "a path relative to the profile, such as ./setup.sh, without |"),
	"root":         newForm(`^([.]|[.][.](/[.][.])*)$`, "., .. or ../.. and so on: the profile's directory or one above it"),
	"scm file":     newForm(`^[.][.]?/.*[.]scm$`, "a path relative to the profile, such as ./local.scm"),
	"directory":    newForm(`^[.][.]?(/.*)?$`, "a directory relative to the profile, such as ./modules"),
	"proxy":        newForm(`^https?://([^ "/@]+@)?([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?/?$`, "the URL of a proxy, such as http://proxy.example.org:3128"),
	"beyond proxy": newForm(`^([A-Za-z0-9.*_:\[\]-]+(/[0-9]{1,3})?)$`, "one name, domain or address, such as .example.org or 10.0.0.5"),
	"web":          newForm(`^https?://[^ "]+$`, "the URL of a server, such as https://guix.example.org"),

	"nix package":  newForm(`^`+nixAttribute+`(\.`+nixAttribute+`)*$`, "an attribute path of nixpkgs"),
	"guix package": newForm(`^[a-z0-9][a-z0-9._+-]*(@[A-Za-z0-9][A-Za-z0-9._+-]*)?(:[a-z0-9][A-Za-z0-9-]*)?$`, "a Guix package specification"),
	"dnf package":  newForm(`^[A-Za-z0-9][A-Za-z0-9._+-]*(\|[A-Za-z0-9][A-Za-z0-9._+-]*)*$`, "a package name of Fedora, or several separated by |"),
	"apt package":  newForm(`^[a-z0-9][a-z0-9.+-]*(\|[a-z0-9][a-z0-9.+-]*)*$`, "an apt package name, or several separated by |"),

	"flake":       newForm(`^[a-z][a-z0-9+.-]*:[^ ]+$`, "a flake reference, such as github:NixOS/nixpkgs/nixos-26.05"),
	"release":     newForm(`^[0-9][0-9]\.[0-9][0-9]$`, `a release as text, such as "26.05"`),
	"channel":     newForm(`^[a-z][a-z0-9-]*$`, "lower-case letters, digits and dashes"),
	"git":         newForm(`^(https?|ssh|git|file)://[^ ]+$`, "the URL of a Git repository"),
	"branch":      newForm(`^[A-Za-z0-9._/-]+$`, "the name of a branch"),
	"commit":      newForm(`^[0-9a-f]{40}$`, "the full commit, 40 hexadecimal digits"),
	"fingerprint": newForm(`^[0-9A-F]{4}( ? ?[0-9A-F]{4}){9}$`, "40 upper-case hexadecimal digits in groups of four"),
	"place":       newForm(`^(auto|local|ssh://[^ '"-][^ '"]*|lima:`+lima.Identifier+`)$`, "auto, local, ssh://user@host or lima:INSTANCE"),

	// Of what only a rule knows to be one:
	"public key": newForm(`^(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( .*)?$`, "a public key as in id_ed25519.pub: type, base64 text, comment"),
	"plain path": newForm(`^/[A-Za-z0-9._/@+-]*$`, "an absolute path of letters, digits and . _ / @ + -"),
}
