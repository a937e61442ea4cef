package lima

import "path/filepath"

// AutostartAgent and AutostartDaemon are launchd's files by which limactl autostart
// starts an instance at login or with the Mac.
func AutostartAgent(instance string) string  { return "io.lima-vm.autostart." + instance + ".plist" }
func AutostartDaemon(instance string) string { return "io.lima-vm.daemon." + instance + ".plist" }

// AutostartUnit is the file by which it does so on Linux, below the user's directory
// of units: the unit is enabled.
func AutostartUnit(instance string) string {
	return "default.target.wants/lima-vm@" + instance + ".service"
}

// AutostartFiles are all of them. Agents and daemons are launchd's directories, units
// is the user's directory of units.
func AutostartFiles(instance, agents, daemons, units string) []string {
	return []string{
		filepath.Join(agents, AutostartAgent(instance)),
		filepath.Join(daemons, AutostartDaemon(instance)),
		filepath.Join(units, AutostartUnit(instance)),
	}
}
