package profile

import (
	"reflect"
	"strings"
)

// Manager is a package manager, with what a guest that was set up by scripts is
// asked through it.
type Manager struct {
	// Column of the package map that has its names, and their key where a profile gives them by hand.
	Column string
	// Title is its name in prose.
	Title string
	// Has is a test of sh: package "$p" is installed.
	Has string `empty:"packages belong to the system's definition"`
	// List prints what is installed, each as NAME STATUS; and STATUS is installed.
	List []string `empty:"packages belong to the system's definition"`
	// Upgrade brings newer versions, as root.
	Upgrade string `empty:"packages belong to the system's definition"`
	// Complaint is a pattern of grep for the lines in which it says why it failed.
	Complaint string `empty:"packages belong to the system's definition"`
	// Bundle is the file of all certificates that its systems trust.
	Bundle string
	// Anchors is the directory of those that come from elsewhere, and Trust the command that takes them in.
	Anchors, Trust string `empty:"they belong to the system's definition"`
	// OnlyAuthorities: Trust leaves out certificates of servers (p11-kit's ca-anchors).
	OnlyAuthorities bool `empty:"it takes all"`
	// ProxyFile is where it is told of a proxy.
	ProxyFile string `empty:"it belongs to the system's definition"`
}

// bundle is where most systems have all certificates that they trust.
const bundle = "/etc/ssl/certs/ca-certificates.crt"

var (
	nixManager  = Manager{Column: "nix", Title: "Nix", Bundle: bundle}
	guixManager = Manager{Column: "guix", Title: "Guix", Bundle: bundle}
	aptManager  = Manager{
		Column: "apt", Title: "apt",
		Has:       `[ "$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null)" = installed ]`,
		List:      []string{"dpkg-query", "-W", "-f=${Package} ${db:Status-Status};"},
		Upgrade:   "apt-get update && apt-get upgrade -y",
		Complaint: "^E: ",
		Bundle:    bundle, Anchors: "/usr/local/share/ca-certificates", Trust: "update-ca-certificates",
		ProxyFile: "/etc/apt/apt.conf.d/95vmloom-proxy",
	}
	dnfManager = Manager{
		Column: "dnf", Title: "dnf",
		Has:       `rpm -q "$p" >/dev/null 2>&1`,
		List:      []string{"rpm", "-qa", "--qf", "%{NAME} installed;"},
		Upgrade:   "dnf upgrade -y",
		Complaint: "^Error: ",
		Bundle:    "/etc/pki/tls/certs/ca-bundle.crt", Anchors: "/etc/pki/ca-trust/source/anchors", Trust: "update-ca-trust", OnlyAuthorities: true,
		ProxyFile: "/etc/dnf/libdnf5.conf.d/95-vmloom-proxy.conf",
	}
)

// PackageColumns are the columns of the package map beside the name, in its order.
func PackageColumns() []string { return fieldsOf(reflect.TypeFor[Package]()).names }

// ByHand shows how a profile names a package by hand.
func ByHand() string { return "{" + strings.Join(PackageColumns(), ":, ") + ":}" }

// In is the package's name in a column of the package map; empty where it has none.
func (p Package) In(column string) string {
	f, ok := fieldsOf(reflect.TypeFor[Package]()).byName[column]
	if !ok {
		return ""
	}
	return reflect.ValueOf(p).Field(f.index).String()
}

// For is the package's name on a guest system; empty where it is not packaged there.
func (p Package) For(s System) string { return p.In(s.Manager.Column) }

// PackageOf is a package by the name that a system's own manager has for it.
func PackageOf(s System, name string) (p Package) {
	fields := fieldsOf(reflect.TypeFor[Package]())
	reflect.ValueOf(&p).Elem().Field(fields.byName[s.Manager.Column].index).SetString(name)
	return p
}
