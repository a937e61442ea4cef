package engine

import "regexp"

// limaKnown are failures of limactl and of what runs around it. Its words are
// those of Lima 2.2.
func limaKnown(j *Job) []known {
	name, m := limaInstance(j), j.Profile.System().Manager
	at := func(words string) *regexp.Regexp { return regexp.MustCompile("(?m)" + words) }
	return []known{
		{at("^vmloom: instance (\\S+): is not of this build$"),
			"instance $1: was not made by this build, and is left alone",
			"if nothing builds in it: limactl delete --force $1; or limactl rename $1 OTHER-NAME", ""},
		{at("^instance `(\\S+)` (?:already exists \\(`(.*?)`\\)$|directory `(.*?)` exists but its `lima.yaml` could not be read)"),
			"instance $1: is half deleted, and Lima deletes no more of it", "if no limactl is at work: rm -r '$2$3'", ""},
		{at("^instance `(\\S+)` already exists$"), "instance $1: was made by somebody else in the meantime", "limactl list tells", ""},
		{at("must not run as the root user"),
			"limactl: does not run as root", "run vmloom as your own user", ""},
		{at("instance name `\\S+` too long: `(.*)` must be less than UNIX_PATH_MAX=(\\d+) characters, but is (\\d+)"),
			"name: makes a socket path of $3 characters, $2 are too many: $1",
			"give the profile a shorter name, or set host.limaHome to a shorter path", "name"},
		{at("template `(.*)` not found"),
			"guest.release: this Lima has no template $1", "limactl create --list-templates lists them; a newer Lima knows newer releases", "guest.release"},
		{at("^failed to download `(.*?)`: expected digest `(.*)`, got `(.*)`"),
			"image $1: its digest is $3, not $2", "correct images[].digest in lima.extra; limactl prune --keep-referred empties the cache of a broken download", "lima.extra"},
		{at("[Nn]o space left on device|There is not enough space"),
			"disk: is full", "limactl prune removes what Lima has cached; df -h shows which file system is short", ""},
		{at("^failed to download `(.*?)`:.*?(no such host|network is unreachable|connection refused|i/o timeout|Temporary failure[^:]*)"),
			"image $1: cannot be reached: $2", "is this machine online? curl -I $1", ""},
		{at("^failed to download `(.*?)`: (?:failed to )?(.*)$"), "image $1: $2", "correct its location", ""},
		{at("^failed to unmarshal YAML \\(-\\): (?:\\[\\S+\\] )?(.*?)(?:   \\d+ \\|.*)?$"), "lima.extra: $1", "limactl validate of the generated lima/*.yaml shows more", "lima.extra"},
		{at("^(field `.*)$"), "lima.extra: $1", "limactl validate of the generated lima/*.yaml shows more", "lima.extra"},
		{at("^disk shrinking is not supported$"), "resources.disk: is smaller than the image it starts from", "Ubuntu's and Debian's images want 4GiB at least", "resources.disk"},
		{at("unknown or unsupported VM type: (\\S+)"), "lima.vmType: $1 is not there on this machine", "build where the VM is to run", "lima.vmType"},
		{at("^guest agent binary could not be found for (\\S+):"), "guest.arch: Lima's guest agent for $1 is not installed", "brew install lima-additional-guestagents, or the package of that name", "guest.arch"},
		{at("protected to prohibit accidental removal"),
			"instance " + name + ": is protected, which nobody but you did", "limactl unprotect " + name, ""},
		{at("did not receive an event with the `running` status"),
			"instance " + name + ": did not boot within " + limaTimeout, "without KVM, or for another processor, it is slow; lima.extra: {cpus: 4} helps where they are there", ""},
		{at("^vmloom: no package (\\S+) in this release$"),
			"guest.packages: this release has no package $1", "name it by hand: {" + m.Column + ": NAME}, or {" + m.Column + ": \"NEW|OLD\"}", "guest.packages"},
		{at("^(?:E|Error): (?:Failed to fetch|Unable to fetch|Unable to locate|Unable to find a match:|Failed to download metadata) (.*)$"),
			"guest.packages: " + m.Title + ": $1", "does the guest reach its archive? A proxy is passed on to it", "guest.packages"},
		{at("^vmloom: package (\\S+): is not installed$"), "guest.packages: $1: " + m.Title + " did not install it", "the log shows what " + m.Title + " said while the instance started", "guest.packages"},
		{at("in use by instance|Failed to get \"write\" lock"),
			"disk: is in use by another instance", "limactl list shows which run; limactl stop it", ""},
		{at("exec: \"(?:\\S*/)?(qemu-system-\\S+)\": (.*)$"),
			"$1: $2", "install QEMU, which Lima runs the instance with (apt: qemu-system; dnf: qemu-kvm; brew: qemu)", "lima.vmType"},
		{at("(?i)could not access KVM kernel module: (.*)$"),
			"/dev/kvm: $1", "add yourself to its group: sudo usermod -aG kvm $$USER, and log in again", ""},
		{at("^(?:degraded|exiting), status=\\{.*?Errors:\\[(.+?)\\] SSHLocalPort"), "instance " + name + ": $1", "the log shows what the guest said", ""},
		{at("^exiting, status="), "instance " + name + ": ended while it was starting", "the log shows what its host agent said last", ""},
		{regexp.MustCompile(`([^\n]+)\n\S+: exit status \d+\n\z`), "$1", "", ""}, // its own last words
	}
}
