package engine

import "regexp"

// guixKnown are failures of guix, of the daemon and of the way to a place; the first that
// fits decides. Their words are those of Guix 1.5, recorded, but where a comment says otherwise.
func guixKnown(j *Job) (all []known) {
	at := guixAt{j}
	for _, table := range [][]known{at.offload(), guixModules(j), at.way(), at.image(), at.shortage(), at.network(), at.builds(), guixDefinition(j), at.last()} {
		all = append(all, table...)
	}
	return all
}

// saying matches what a tool says, in lines of its own.
func saying(words string) *regexp.Regexp { return regexp.MustCompile("(?m)" + words) }

// guixDrvWords name a derivation; its name is the group.
const guixDrvWords = "[`']?/gnu/store/[0-9a-z]{32}-(\\S+?)(?:\\.drv)?[`']?"

// guixAt is where guix runs.
type guixAt struct{ *Job }

// place is where guix runs, for people, if not here.
func (at guixAt) place() string {
	if at.Place.Kind == Local {
		return ""
	}
	return " at " + dollars(at.Place.String())
}

// there is the command that runs another at the place.
func (at guixAt) there(command string) string {
	switch at.Place.Kind {
	case SSH:
		host, _ := at.Place.address()
		return "ssh " + dollars(host) + " " + command
	case Lima:
		return "limactl shell " + dollars(at.Place.Instance) + " " + command
	}
	return command
}

// fallback is what to do where a substitute could not be had.
func (at guixAt) fallback() string {
	if at.Place.Kind == Local {
		return "run this again; GUIX_BUILD_OPTIONS=--fallback vmloom build-image builds it instead"
	}
	return "run this again"
}

// way are failures of the place, of the way to it and of its daemon.
func (at guixAt) way() []known {
	return []known{
		{saying("error: failed to connect to [`'](.+)': Permission denied$"),
			"guix-daemon: this account may not speak to it at $1", "ls -ld of that path and its directories names the group that may", ""},
		{saying("error: failed to connect to [`'](.+)': (No such file or directory|Connection refused)$"),
			"guix-daemon: does not answer at $1: $2", at.there("sudo systemctl start guix-daemon") + ", or: " + at.there("sudo herd start guix-daemon"), ""},
		{saying(`corrupt input while restoring archive|error: (?:connection|EOF) .*closed`),
			"guix-daemon: ended in the middle of the build", "dmesg shows whether memory was short; what is built is kept: run this again", ""},
		{saying(`error: SSH connection to '(.+)' port (\d+) failed: (.*?)\s*$`), "$1: cannot be reached by ssh, port $2: $3", "ssh $1 true must work", "build.on"},
		{saying(`failed to authenticate server at '(.+)': (\S+)`), "$1: its host key is $2", "ssh $1 true, and compare the key", "build.on"},
		{saying(`error: SSH authentication failed for '(.+)':?`), "$1: does not let this key log in", "ssh $1 true must work without a password", "build.on"},
		{saying(`error: failed to start 'guix repl' on '(.+)'`), "$1: has no guix for who logs in by ssh", "ssh $1 guix --version must work", "build.on"},
		{saying(`(?:guix: (?:command )?not found|command not found: guix|exec: guix: not found)`), "guix: not found at " + at.Place.String(), "there: " + dollars(guixInstall(at.Profile)), "build.on"},
		// OpenSSH's own words.
		{saying(`^ssh: connect to host (\S+) port (\d+): (.*)$`), "$1: cannot be reached by ssh, port $2: $3", "ssh $1 true must work", "build.on"},
		{saying(`^ssh: Could not resolve hostname (\S+): (.*)$`), "$1: no such host: $2", "ssh $1 true must work", "build.on"},
		{saying(`^(\S+): Permission denied \(.*\)\.?$`), "$1: does not let this key log in", "ssh $1 true must work without a password", "build.on"},
		{saying(`^Host key verification failed\.$`), dollars(at.Place.String()) + ": its host key is not known", at.there("true") + ", and compare the key", "build.on"},
		{saying(`(?i)^(?:client_loop: send disconnect|Timeout, server|Connection (?:to|closed by|reset by)|mux_client_request_session|kex_exchange_identification)(.*)$`),
			"connection to " + dollars(at.Place.String()) + ": broke off", "what is built there is kept: run this again", "build.on"},
	}
}

// shortage is what the place has too little of: as guix and its daemon say it, or a build in its very last words,
// for a log may speak of such things all the time.
func (at guixAt) shortage() []known {
	const builderEnds = `(?:.*\n){0,5}builder for `
	space := at.there("guix gc -F 20G") + " makes room; " + at.there("df -h /gnu/store /var/guix /tmp")
	const memory = "give it 4 GiB or more, or swap; dmesg names what was killed"
	return []known{
		{saying(`error: .*(?:No space left on device|database or disk is full)|^note: build failure may have been caused by lack of free disk space`),
			"disk: is full" + at.place(), space, ""},
		{saying(`^(?:[^>\n]*: )?(?:No space left on device|database or disk is full)$\s*(?:\n\S+: exit status \d+\s*)?\z`), "disk: is full" + at.place(), space, ""},
		{saying(`: No space left on device\.?\n` + builderEnds), "disk: is full" + at.place(), space, ""},
		{saying(`error: .*(?:Cannot allocate memory|[Oo]ut of memory)|^builder for .*due to signal 9 \(Killed\)`), "memory: is short" + at.place(), memory, ""},
		{saying(`(?:: Cannot allocate memory|^virtual memory exhausted.*|Killed signal terminated program.*)\n` + builderEnds), "memory: is short" + at.place(), memory, ""},
	}
}

// network are failures of channels, substitutes and sources.
func (at guixAt) network() []known {
	return []known{
		{saying(`^Updating channel '(\S+)' from Git repository at '(\S+?)'(?s:.*)In procedure getaddrinfo: (.*)` + atLast),
			"channel $1: cannot be reached: $3", "is this machine online? git ls-remote $2 must work", "guix.channels"},
		{saying(`Git error: failed to resolve address for (\S+): (.*)$`), "channel at $1: cannot be reached: $2", "is this machine online? The commit in guix.channels must be there", "guix.channels"},
		{saying(`Git error: failed to resolve path '(.*)': (.*)$`), "channel at $1: $2", "correct its url in guix.channels", "guix.channels"},
		{saying(`In procedure getaddrinfo: (.*)` + atLast), "network: a channel or source cannot be reached: $1", "is this machine online? git ls-remote https://git.guix.gnu.org/guix.git must work", ""},
		{saying(`^Updating channel '(\S+?)' from Git repository at '(\S+?)'\.\.\.\n(?:.*\n)*?.*Git error: (.*status code: (?:429|5\d\d).*)$`),
			"channel $1: its server is out of order: $3", "run this again later; or name a mirror as its url in guix.channels", "guix.channels"},
		{saying(`Git error: (.*(?:SSL|certificate).*)$`), "channel: its server is not trusted: $1", "behind a proxy its certificate goes into SSL_CERT_FILE, and SSL_CERT_DIR of who runs guix", "guix.channels"},
		{saying(`Git error: (.*)$`), "channel: $1", "git ls-remote of its url must work, and have the commit", "guix.channels"},
		{saying(`guix substitute: error: (.*)\n(?s:.*)guix substitute' died unexpectedly`), "substitutes: their download died: $1", at.fallback() + "; Guix 1.5 outlives it", ""},
		{saying("guix substitute' died unexpectedly"), "substitutes: their download died", at.fallback() + "; Guix 1.5 outlives it", ""},
		{saying(`no code for module (\([^)]*\))(?s:.*)^builder for [` + "`" + `']/gnu/store/[0-9a-z]{32}-(\S+?)\.drv' failed(?s:.*)(?:compute-guix-derivation|You found a bug|guix time-machine: error)`),
			"channel $2: does not go with this guix, which has no module $1", "pin commits of guix and $2 that were made for each other in guix.channels, as guix describe tells them where they work", "guix.channels"},
		// guix/git-authenticate.scm and guix/scripts/time-machine.scm
		{saying(`^Authenticating channel '(\S+?)'(?s:.*)error: (commit \S+ (?:lacks a signature|.*not signed.*))$`),
			"channel $1: $2", "a commit that its authors have signed, in guix.channels; its introduction must be that of the channel's own documentation", "guix.channels"},
		{saying("error: (could not authenticate commit \\S+: .*|initial commit \\S+ is not .*|commit \\S+ (?:lacks a signature|.*not signed.*))$"),
			"channel: $1", "its introduction in guix.channels must be that of the channel's own documentation", "guix.channels"},
		{saying("error: (cannot travel past commit .*)$"), "guix.channels: $1", "a commit of Guix 1.4 or later is what the definition is written for", "guix.channels"},
		{saying("^sha256 hash mismatch for /gnu/store/[0-9a-z]{32}-(\\S+):\\n +expected hash: (\\S+)\\n +actual hash: +(\\S+)\\n(?:.*\\n)*?substitution of"),
			"substitute $1: came broken, its hash is $3", at.fallback(), ""},
		{saying("^sha256 hash mismatch for /gnu/store/[0-9a-z]{32}-(\\S+):\\n +expected hash: (\\S+)\\n +actual hash: +(\\S+)"),
			"source $1: its hash is $3, not $2", "the source was changed where it lies; a newer commit in guix.channels may know it", "guix.channels"},
		{saying("error: some substitutes for the outputs of derivation " + guixDrvWords + " failed"),
			"substitutes of $1: the download broke off", at.fallback(), ""},
		{saying(`^(?:failed to download|download failed) "(?:/gnu/store/[0-9a-z]{32}-)?([^"]*)" (?:from "([^"]*)"|(\d+) "(.*)")(?s:.*)failed to produce output path`),
			"source $1: cannot be downloaded $3 $4", "is this machine online? Run this again", ""},
	}
}

// builds are failures of a build and of its result.
func (at guixAt) builds() []known {
	return []known{
		{saying("error: derivation " + guixDrvWords + " may not be deterministic: output .* differs"), "$1: a second build gave something else", "the image is not reproducible; guix build --check -K of it keeps both to compare", ""},
		{saying("error: " + guixDrvWords + " is missing outputs; build it normally before using"), "$1: is not in the store any more", "run this again", ""},
		// nix/libstore/build.cc of Guix
		{saying("a [`'](\\S+)' is required to build .*, but I am a [`'](\\S+)'"),
			"guest.arch: $1 cannot be built on $2", "on Guix System: qemu-binfmt-service-type; else a place of that kind: --on ssh://user@host, or offload: /etc/guix/machines.scm", "guest.arch"},
		{saying("building of " + guixDrvWords + " timed out after (.*)$"), "$1: gave up after $2", "the daemon's --max-silent-time and --timeout bound a build", ""},
		{saying("^while setting up the child process: (.*(?:clone|unshare|mount|pivot_root|namespace).*(?:Operation not permitted|Invalid argument|No space left on device))$"),
			"guix-daemon: its sandbox does not work" + at.place() + ", as in a container: $1", "run the container with --privileged, or guix-daemon with --disable-chroot", ""},
		{saying("(?:cannot execute binary file|Exec format error).*\\n(?:.*\\n){0,5}builder for " + guixDrvWords + " failed"), "$1: its builder cannot run programs of the system that it is built for",
			"on Guix System: qemu-binfmt-service-type, elsewhere qemu-user-static; or build at a machine of that kind: --on ssh://user@host", "guest.arch"},
		{saying("^while setting up the child process: (.*)$"), "builder: $1", "guix gc --verify=contents,repair as root mends a store", ""},
		{saying("^build of /gnu/store/[0-9a-z]{32}-(\\S+(?:\\.tar\\.[a-z0-9]+|\\.tgz|\\.zip|\\.patch|-checkout))\\.drv failed\\nView build log at '([^']+)'"),
			"source $1: cannot be had", "is the builder online? " + at.there("zcat $2") + " shows more", ""},
		{saying("^builder for " + guixDrvWords + " failed to produce output path .*\\nbuild of .* failed\\nView build log at '([^']+)'"), "$1: gave nothing", at.there("zcat $2") + " shows why", ""},
		{saying("^build of " + guixDrvWords + " failed\\nView build log at '([^']+)'"), "$1: does not build", at.there("zcat $2") + " shows why", ""},
	}
}

// last is what guix says where nothing is known of it: its last error, for warnings come before.
func (at guixAt) last() []known {
	return []known{
		{saying("^guix \\S+: error: build of " + guixDrvWords + "(?:, .*)? failed$"), "$1: does not build", "", ""},
		{saying(`(?s:.*)^guix(?: \S+)?: error: (.*)$`), "guix: $1", "", ""},
		{saying(`^guix(?: \S+)?: ([^w].*|w[^a].*)$`), "guix: $1", "", ""},
	}
}

// atLast holds where only how the process ended follows.
const atLast = `\s*(?:\n\S+: exit status \d+\s*)?\z`

// dollars guards text that becomes part of a template of Regexp.Expand.
func dollars(s string) string { return dollar.ReplaceAllLiteralString(s, "$$$$") }

var dollar = regexp.MustCompile(`\$`)
