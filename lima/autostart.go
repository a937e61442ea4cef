package lima

import "path/filepath"

// AutostartFiles are the files of which limactl autostart installs one so that the
// instance starts by itself: at login or with the Mac by launchd, and at login or
// boot by the user's systemd. Agents and daemons are launchd's directories, units
// is the user's directory of units.
func AutostartFiles(instance, agents, daemons, units string) []string {
	return []string{
		filepath.Join(agents, "io.lima-vm.autostart."+instance+".plist"),
		filepath.Join(daemons, "io.lima-vm.daemon."+instance+".plist"),
		filepath.Join(units, "default.target.wants", "lima-vm@"+instance+".service"),
	}
}
