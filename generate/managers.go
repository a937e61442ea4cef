package generate

// installer is how the template installs and removes packages by a package manager, looks whether
// they are there, sets the locale in a system of that manager, goes on where it was cut off, and tells the
// manager of a proxy: names of templates.
type installer struct{ install, remove, probe, locale, resume, proxy string }

// installers by the column of the manager in the package map.
var installers = map[string]installer{
	"apt": {"packages-apt", "remove-apt", "packages-apt", "locale-apt", "resume-apt", "proxy-apt"},
	"dnf": {"packages-dnf", "remove-dnf", "packages-dnf", "locale-dnf", "resume-dnf", "proxy-dnf"},
}
