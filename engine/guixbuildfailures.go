package engine

// guixForeign lets a machine run the programs of another processor.
const guixForeign = "on Guix System: qemu-binfmt-service-type, elsewhere qemu-user-static; or build at a machine of that kind: --on ssh://user@host"

// results are what guix says of a build that has gone well before.
func (at guixAt) results() []known {
	return []known{
		{saying("error: derivation " + guixDrvWords + " may not be deterministic: output [`']?(?P<differs>\\S+?)[`']? differs"), "$1: a second build gave something else", "the image is not reproducible; guix build --check -K of it keeps both to compare", ""},
		{saying("error: " + guixDrvWords + " is missing outputs; build it normally before using"), "$1: is not in the store any more", "run this again", ""},
	}
}

// nobody is why no machine builds (nix/libstore/build.cc of Guix), asked with what guix offload ignores.
func (at guixAt) nobody() []known {
	const field = "guest.arch"
	return []known{
		{saying(`^guix offload: warning: '(\S+)' did not return a list of build machines; ignoring it(?s:.*)a [` + "`" + `'](\S+)' is required to build .*, but I am a [` + "`" + `'](\S+)'`),
			"guest.arch: $2 cannot be built on $3, and $1, which would name other machines, gives no list and is ignored",
			"$1 ends with (list (build-machine ...)); " + offloadTests, field},
		{saying("a [`'](\\S+)' is required to build .*, but I am a [`'](\\S+)'"),
			"guest.arch: $1 cannot be built on $2", "on Guix System: qemu-binfmt-service-type; else a place of that kind: --on ssh://user@host, or offload: /etc/guix/machines.scm", field},
		{saying("unable to start any build; either increase `--max-jobs' or enable distributed builds"), "guix-daemon: may build nothing" + at.place(), "--max-jobs of guix-daemon is 0: raise it, or name machines in /etc/guix/machines.scm", ""},
	}
}

// ended are ends of a build that the daemon itself tells.
func (at guixAt) ended() []known {
	longer := "the daemon's --max-silent-time and --timeout bound a build"
	if at.Place.Kind == Local {
		longer += ": GUIX_BUILD_OPTIONS='--max-silent-time=SECONDS --timeout=SECONDS' vmloom build-image for this one"
	}
	return []known{
		{saying("building of " + guixDrvWords + " timed out after (.*)$"), "$1: gave up after $2", longer, ""},
		{saying("^while setting up the (?:child process|build environment): ((?:.*(?:clone|unshare|mount|pivot_root|pivot old root|namespace|loopback).*)(?:Operation not permitted|Permission denied|Invalid argument|No space left on device))$"), guixNoSandbox(at), guixSandboxCure, ""},
		{saying("^cloning builder process: (.*)$"), guixNoSandbox(at), guixSandboxCure, ""},
		{saying("^while setting up the (?:child process|build environment): .*(?:Exec format error|cannot execute binary file)"), "builder: cannot run programs of the system that it is built for" + at.place(), guixForeign, "guest.arch"},
		{saying("^while setting up the (?:child process|build environment): (.*)$"), "builder: $1", "guix gc --verify=contents,repair as root mends a store", ""},
		{saying("^sha256 hash mismatch for /gnu/store/[0-9a-z]{32}-(\\S+):\\n +expected hash: (\\S+)\\n +actual hash: +(\\S+)"),
			"source $1: its hash is $3, not $2", "the source was changed where it lies; a newer commit in guix.channels may know it", "guix.channels"},
		{saying(`^(?:failed to download|download failed) "(?:/gnu/store/[0-9a-z]{32}-)?([^"]*)" (?:from "([^"]*)"|(\d+) "(.*)")(?s:.*)failed to produce output path`),
			"source $1: cannot be downloaded $3 $4", "is this machine online? Run this again", ""},
	}
}

// image is read in the log of the derivation that puts the image together, whose space is what the profile says.
func (at guixAt) image() []known {
	return []known{
		{saying(`^(?:qemu-img|cp|mv): .*['" ]/gnu/store/.*No space left on device`), "disk: is full" + at.place(), at.space(), ""},
		{saying(`^.*?(Could not allocate (?:block|inode)[^\n]*|[Dd]isk full[^\n]*|[Nn]o space left on device[^\n]*|ERROR: [^\n]*(?:too small|not enough|does not fit|exceeds)[^\n]*)`),
			"image: what goes into it does not fit: $1", "raise resources.disk; the image has that size", "resources.disk"},
	}
}

// logs are read in the log of the build that failed, which begins with its name.
func (at guixAt) logs() []known {
	return []known{
		{saying(`\A([^\n]*)\n(?s:.*)(?:cannot execute binary file|Exec format error)(?:.*\n?){0,5}\z`), "$1: its builder cannot run programs of the system that it is built for", guixForeign, "guest.arch"},
		// A channel is built by loading its modules; what breaks it is told as data.
		{saying(`\A([^\n]*)\n(?s:.*)(?:\(value \(no code for module (\([^)]*\))\)\)|no code for module (\([^)]*\)))`), "channel $1: does not go with this guix, which has no module $2$3", guixPins, "guix.channels"},
		{saying(`\A([^\n]*)\n(?s:.*)\(exception unbound-variable .*\(value \(([^()]*)\)\)`), "channel $1: does not go with this guix, which has no variable $2", guixPins, "guix.channels"},
	}
}

const guixPins = "pin commits of guix and of that channel that were made for each other in guix.channels: guix describe -f channels tells them where they work"

// unbuilt is what is told of a build whose log says nothing that is known: its name, and the log's place.
func (at guixAt) unbuilt() []known {
	shows := at.there("zcat $2")
	return []known{
		{saying("^build of /gnu/store/[0-9a-z]{32}-(\\S+(?:\\.tar\\.[a-z0-9]+|\\.tgz|\\.zip|\\.patch|-checkout))\\.drv failed\\nView build log at '([^']+)'"),
			"source $1: cannot be had", "is the builder online? " + shows + " shows more", ""},
		{saying("^builder for " + guixDrvWords + " failed to produce output path .*\\nbuild of .* failed\\nView build log at '([^']+)'"), "$1: gave nothing", shows + " shows why", ""},
		{saying("^build of " + guixDrvWords + " failed\\nView build log at '([^']+)'"), "$1: does not build", shows + " shows why", ""},
		{saying("^(?:build of|builder for) " + guixDrvWords + " failed"), "$1: does not build", "", ""},
	}
}
