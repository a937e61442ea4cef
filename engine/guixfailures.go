package engine

import (
	"path"
	"regexp"
)

// guixKnown are failures of guix, of the daemon and of the way to a place. Their
// words are those of Guix 1.5, recorded, but where a comment says otherwise.
func guixKnown(j *Job) []known {
	re := func(words string) *regexp.Regexp { return regexp.MustCompile("(?m)" + words) }
	const drv = "[`']?/gnu/store/[0-9a-z]{32}-(\\S+?)(?:\\.drv)?[`']?"
	theirs, field := guixOrigin(j)
	where, there := "", func(command string) string { return command }
	switch j.Place.Kind {
	case SSH:
		host, _ := j.Place.address()
		where, there = " at "+dollars(j.Place.String()), func(command string) string { return "ssh " + dollars(host) + " " + command }
	case Lima:
		where, there = " at "+dollars(j.Place.String()), func(command string) string { return "limactl shell " + dollars(j.Place.Instance) + " " + command }
	}
	fallback := "run this again"
	if j.Place.Kind == Local {
		fallback += "; GUIX_BUILD_OPTIONS=--fallback vmloom build-image builds it instead"
	}
	var own []known
	for _, module := range j.Profile.Guix.Modules {
		at := `^\S*?` + regexp.QuoteMeta(path.Base(module)) + `:(\d+):(\d+): `
		cure := "correct line $1, column $2 of " + dollars(module)
		own = append(own,
			known{re(at + `error: \(.*((?:extraneous|missing) field initializers \(.*\))$`), dollars(module) + ": $3", cure, "guix.modules"},
			known{re(at + `(?:error: )?(missing closing parenthesis|.*: unbound variable|module \(.*\) not found|.+)$`), dollars(module) + ": $3", cure, "guix.modules"})
	}
	return append(own,
		// The place and its daemon.
		known{re("error: failed to connect to [`'](.+)': (No such file or directory|Connection refused)$"),
			"guix-daemon: does not answer at $1: $2", there("sudo systemctl start guix-daemon") + ", or: " + there("sudo herd start guix-daemon"), ""},
		known{re(`corrupt input while restoring archive|error: (?:connection|EOF) .*closed`),
			"guix-daemon: ended in the middle of the build", "dmesg shows whether memory was short; what is built is kept: run this again", ""},
		known{re(`error: SSH connection to '(.+)' port (\d+) failed: (.*?)\s*$`), "$1: cannot be reached by ssh, port $2: $3", "ssh $1 true must work", "build.on"},
		known{re(`failed to authenticate server at '(.+)': (\S+)`), "$1: its host key is $2", "ssh $1 true, and compare the key", "build.on"},
		known{re(`error: SSH authentication failed for '(.+)':?`), "$1: does not let this key log in", "ssh $1 true must work without a password", "build.on"},
		known{re(`error: failed to start 'guix repl' on '(.+)'`), "$1: has no guix for who logs in by ssh", "ssh $1 guix --version must work", "build.on"},
		known{re(`(?:guix: (?:command )?not found|command not found: guix|exec: guix: not found)`), "guix: not found at " + j.Place.String(), "there: " + dollars(guixInstall(j.Profile)), "build.on"},
		// OpenSSH's own words.
		known{re(`^ssh: connect to host (\S+) port (\d+): (.*)$`), "$1: cannot be reached by ssh, port $2: $3", "ssh $1 true must work", "build.on"},
		known{re(`^ssh: Could not resolve hostname (\S+): (.*)$`), "$1: no such host: $2", "ssh $1 true must work", "build.on"},
		known{re(`^(\S+): Permission denied \(.*\)\.?$`), "$1: does not let this key log in", "ssh $1 true must work without a password", "build.on"},
		known{re(`^Host key verification failed\.$`), dollars(j.Place.String()) + ": its host key is not known", there("true") + ", and compare the key", "build.on"},
		known{re(`(?i)^(?:client_loop: send disconnect|Timeout, server|Connection (?:to|closed by|reset by)|mux_client_request_session|kex_exchange_identification)(.*)$`),
			"connection to " + dollars(j.Place.String()) + ": broke off", "what is built there is kept: run this again", "build.on"},
		// What is short.
		known{re(`No space left on device|note: build failure may have been caused by lack of free disk space`),
			"disk: is full" + where, there("guix gc -F 20G") + " makes room; " + there("df -h /gnu/store /tmp"), ""},
		known{re(`(?:Cannot allocate memory|Out of memory|due to signal 9 \(Killed\))`),
			"memory: is short" + where, "give it 4 GiB or more, or swap; dmesg names what was killed", ""},
		// The network.
		known{re(`^Updating channel '(\S+)' from Git repository at '(\S+?)'(?s:.*)In procedure getaddrinfo: (.*)` + atLast),
			"channel $1: cannot be reached: $3", "is this machine online? git ls-remote $2 must work", "guix.channels"},
		known{re(`Git error: failed to resolve address for (\S+): (.*)$`), "channel at $1: cannot be reached: $2", "is this machine online? The commit in guix.channels must be there", "guix.channels"},
		known{re(`Git error: failed to resolve path '(.*)': (.*)$`), "channel at $1: $2", "correct its url in guix.channels", "guix.channels"},
		known{re(`In procedure getaddrinfo: (.*)` + atLast), "network: a channel or source cannot be reached: $1", "is this machine online? git ls-remote https://git.guix.gnu.org/guix.git must work", ""},
		known{re(`Git error: (.*)$`), "channel: $1", "git ls-remote of its url must work, and have the commit", "guix.channels"},
		// guix/git-authenticate.scm and guix/scripts/time-machine.scm
		known{re("error: (could not authenticate commit \\S+: .*|initial commit \\S+ is not .*|commit \\S+ .*not signed.*)$"),
			"channel: $1", "its introduction in guix.channels must be that of the channel's own documentation", "guix.channels"},
		known{re("error: (cannot travel past commit .*)$"), "guix.channels: $1", "a commit of Guix 1.4 or later is what the definition is written for", "guix.channels"},
		known{re("^sha256 hash mismatch for /gnu/store/[0-9a-z]{32}-(\\S+):\\n +expected hash: (\\S+)\\n +actual hash: +(\\S+)\\n(?:.*\\n)*?substitution of"),
			"substitute $1: came broken, its hash is $3", fallback, ""},
		known{re("^sha256 hash mismatch for /gnu/store/[0-9a-z]{32}-(\\S+):\\n +expected hash: (\\S+)\\n +actual hash: +(\\S+)"),
			"source $1: its hash is $3, not $2", "the source was changed where it lies; a newer commit in guix.channels may know it", "guix.channels"},
		known{re("error: some substitutes for the outputs of derivation " + drv + " failed"),
			"substitutes of $1: the download broke off", fallback, ""},
		known{re(`^(?:failed to download|download failed) "(?:/gnu/store/[0-9a-z]{32}-)?([^"]*)" (?:from "([^"]*)"|(\d+) "(.*)")(?s:.*)failed to produce output path`),
			"source $1: cannot be downloaded $3 $4", "is this machine online? Run this again", ""},
		// Builds.
		known{re("error: derivation " + drv + " may not be deterministic: output .* differs"), "$1: a second build gave something else", "the image is not reproducible; guix build --check -K of it keeps both to compare", ""},
		known{re("error: " + drv + " is missing outputs; build it normally before using"), "$1: is not in the store any more", "run this again", ""},
		// nix/libstore/build.cc of Guix
		known{re("a [`'](\\S+)' is required to build .*, but I am a [`'](\\S+)'"),
			"guest.arch: $1 cannot be built on $2", "on Guix System: qemu-binfmt-service-type; else a place of that kind: --on ssh://user@host, or offload: /etc/guix/machines.scm", "guest.arch"},
		known{re("building of " + drv + " timed out after (.*)$"), "$1: gave up after $2", "the daemon's --max-silent-time and --timeout bound a build", ""},
		known{re("^while setting up the child process: (.*)$"), "builder: $1", "guix gc --verify=contents,repair as root mends a store", ""},
		known{re("^build of /gnu/store/[0-9a-z]{32}-(\\S+(?:\\.tar\\.[a-z0-9]+|\\.tgz|\\.zip|\\.patch|-checkout))\\.drv failed\\nView build log at '([^']+)'"),
			"source $1: cannot be had", "is the builder online? " + there("zcat $2") + " shows more", ""},
		known{re("^builder for " + drv + " failed to produce output path .*\\nbuild of .* failed\\nView build log at '([^']+)'"), "$1: gave nothing", there("zcat $2") + " shows why", ""},
		known{re("^build of " + drv + " failed\\nView build log at '([^']+)'"), "$1: does not build", there("zcat $2") + " shows why", ""},
		known{re("failed to create GC root [`'](.*)': (.*)$"), "link $1: $2", "remove it", ""},
		// The definition.
		known{re(`error: (\S+): unknown package$`), "guest.packages: $1: this guix has no such package", "guix search finds it; name it by hand: {guix: NAME}", "guest.packages"},
		known{re(`^(\S+\.scm):(\d+):(\d+): error: \(.*((?:extraneous|missing) field initializers \(.*\))$`), "$1, line $2: $4", theirs, field},
		known{re(`^(\S+\.scm):(\d+):(\d+): (?:error: )?(missing closing parenthesis|.*: unbound variable|module \(.*\) not found)$`), "$1, line $2: $4", theirs, field},
		known{re(`^(\S+\.scm):(\d+):(\d+): error: (.*)$`), "$1, line $2: $4", theirs, field},
		known{re(`error: (read error while loading .*|service '.*' provided more than once|supplementary group .* is undeclared|'.*' does not return an operating system or an image)$`), "system: $1", theirs, field},
		known{re(`error: failed to load '(.*)':\n\S+: (In procedure .*)$`), "$1: $2", theirs, field},
		known{re(`error: (\S+): no such image type$`), "image type $1: this guix does not know it", "a commit of Guix " + j.Profile.Guix.Version + " in guix.channels does", "guix.channels"},
		known{re(`^\S+: In procedure raise-exception:\n(?:error: |In procedure )?((?:[^\n#]|#[^<\n])*?)[ (:.]*(?:#<.*)?$`), "system: $1", theirs, field},
		known{re("^guix \\S+: error: build of " + drv + "(?:, .*)? failed$"), "$1: does not build", "", ""},
		known{re(`^guix(?: \S+)?: (?:error: )?(.*)$`), "guix: $1", "", ""},
	)
}

// atLast holds where only how the process ended follows.
const atLast = `\s*(?:\n\S+: exit status \d+\s*)?\z`

// guixOrigin says whose a fault of the definition is: the profile's own modules', if it has some.
func guixOrigin(j *Job) (hint, field string) {
	if modules := j.Profile.Guix.Modules; len(modules) > 0 {
		return "look at what customize in " + dollars(modules[len(modules)-1]) + " does", "guix.modules"
	}
	return "guix.version must be that of the commit in guix.channels; where it is, the fault is vmloom's: tell us, with the log", "guix.version"
}

// dollars guards text that becomes part of a template of Regexp.Expand.
func dollars(s string) string { return dollar.ReplaceAllLiteralString(s, "$$$$") }

var dollar = regexp.MustCompile(`\$`)
