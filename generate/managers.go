package generate

// installer is how the template installs packages by a package manager, and looks
// whether they are there: names of templates.
type installer struct{ install, probe string }

// installers by the column of the manager in the package map.
var installers = map[string]installer{
	"apt": {"packages-apt", "packages-apt"},
}
