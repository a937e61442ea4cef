package engine

import (
	"regexp"
	"strings"
)

// Wordings are those of nix 2.8 to 2.36, found by running 2.8 and in the sources
// of 2.36 (libstore/build/derivation-building-goal.cc, worker.cc, daemon.cc,
// build-remote.cc, libflake/flake.cc, libfetchers/git.cc). Messages of several
// lines are indented, more or less, by version: (?s) and \s+ bridge that.

// nixRoutes are the ways to a builder for the guest's system.
const nixRoutes = "give nix a Linux builder (docs/build-image.md lists them), or name a place: vmloom build-image --on ssh://USER@HOST, or --on lima:INSTANCE with a running Linux VM that has nix"

// storeName is a store path's name, as $1.
const storeName = `/nix/store/[0-9a-z]{32}-([^'"\s]+?)`

func nixKnown(j *Job) []known {
	system := nixSystem(j.Profile)
	where := "here"
	if j.Place.Kind != Local {
		where = "at " + strings.ReplaceAll(j.Place.String(), "$", "$$")
	}
	vars := strings.NewReplacer("SYSTEM", system, "WHERE", where, "NAME", j.Profile.Name, "ROUTES", nixRoutes,
		"DRV", storeName+`\.drv`, "STORE", storeName)
	var table []known
	for _, k := range nixFailures {
		pattern := vars.Replace(strings.ReplaceAll(k.when, "SYSTEM", regexp.QuoteMeta(system)))
		table = append(table, known{regexp.MustCompile(pattern), vars.Replace(k.cause), vars.Replace(k.hint), k.field})
	}
	return table
}

// nixFailures in the order in which they decide: what is certain and near the
// cause first. DRV and STORE in a pattern are a group, the name.
var nixFailures = []struct{ when, cause, hint, field string }{
	{
		`hash mismatch in fixed-output derivation 'DRV'.*\s+specified:\s+(\S+)\s+got:\s+(\S+)`,
		"derivation $1: hash mismatch: $2 is written, $3 was downloaded",
		"what is downloaded has changed: write the new hash where a module of yours fetches it, or pin a newer nixpkgs: nix flake update in generated/NAME",
		"nix.nixpkgs",
	},
	{
		`derivation '([^']*)([0-9a-z]{32}-)([^']+?)\.drv' may not be deterministic: output ['"]?([^\s'"]+)['"]? differs`,
		"derivation $3: is not deterministic: a second build of $4 gave other bytes",
		"the image is usable; to see what differs: nix-store --realise --check --keep-failed $1$2$3.drv, then diffoscope $4 $4.check", "",
	},
	{
		`No space left on device|database or disk is full|disk is full|ENOSPC`,
		"disk: no space left WHERE, in /nix, in the directory for temporary files or beside the profile",
		"df -h /nix /tmp . shows which; nix-collect-garbage -d frees /nix", "",
	},
	{
		`(?s)(?:builder for 'DRV' failed due to signal 9|Cannot build 'DRV'\.\s+Reason: builder failed due to signal 9)`,
		"derivation $1$2: its builder was killed, as when memory runs out",
		"give the machine more memory or swap, or less to do at once: max-jobs = 1 in nix.conf; dmesg | grep -i oom shows more", "",
	},
	{
		`(?im)^[^>\n]*(?:out of memory|cannot allocate memory|std::bad_alloc)`,
		"memory: there is too little WHERE", "give the machine more memory or swap; evaluating a NixOS needs about 2 GiB", "",
	},

	// Nobody builds for the system, or not with the features.
	{
		`(?s)ignoring the (?:user|client)-specified setting '(builders|extra-platforms|system-features|max-jobs|external-builders|store)', because it is a restricted setting and you are not a trusted user.*(?:is required to build|Required system|Required features|nable to start any build)`,
		"nix: the setting $1 of yours is ignored, since you are not a trusted user of the daemon WHERE, and so nobody builds for SYSTEM",
		"write it into /etc/nix/nix.conf, or there: trusted-users = root $$USER, then restart nix-daemon", "build.on",
	},
	{
		`(?s)cannot build on '([^']+)':\s+(?:error:\s+)?([^\n]+).*(?:is required to build|Required system|Required features|nable to start any build)`,
		"builder $1: cannot be reached: $2",
		"the daemon (root) must reach it: sudo ssh HOST true, with the key that /etc/nix/machines names; nix store ping --store $1", "build.on",
	},
	{
		`a 'SYSTEM' with features \{([^}]*\bkvm\b[^}]*)\} is required to build 'DRV', but I am a 'SYSTEM' with features \{([^}]*)\}`,
		"builder: $2 needs the features {$1}, and nix WHERE has {$3}: the image's last step runs a virtual machine",
		"ls -l /dev/kvm there; where it is, add kvm to system-features in nix.conf; where it cannot be, build elsewhere: vmloom build-image --on ssh://USER@HOST", "build.on",
	},
	{
		`(?s)Cannot build 'DRV'\.\s.*Required system: 'SYSTEM' with features \{([^}]*\bkvm\b[^}]*)\}\s+Current system: 'SYSTEM' with features \{([^}]*)\}`,
		"builder: $1 needs the features {$2}, and nix WHERE has {$3}: the image's last step runs a virtual machine",
		"ls -l /dev/kvm there; where it is, add kvm to system-features in nix.conf; where it cannot be, build elsewhere: vmloom build-image --on ssh://USER@HOST", "build.on",
	},
	{
		`(?s)Cannot build 'DRV'\.\s.*Required system: 'SYSTEM' with features \{([^}]*)\}\s+Current system: 'SYSTEM' with features \{([^}]*)\}`,
		"builder: $1 needs the features {$2}, and nix WHERE has {$3}",
		"system-features in nix.conf names what the machine has", "build.on",
	},
	{
		`(?s)Cannot build 'DRV'\.\s.*Reason: local builds are disabled`,
		"nix: builds nothing WHERE: max-jobs is 0, and no builder takes $1",
		"set max-jobs in nix.conf, or ROUTES", "build.on",
	},
	{
		`(?s)Cannot build 'DRV'\.\s.*Required system: '([^']+)'.*Current system: '([^']+)'`,
		"builder: $1 is built on $2, and nix WHERE is $3 and has no builder for it",
		"ROUTES", "build.on",
	},
	{
		`(?s)Cannot build 'DRV'\.\s.*Reason: missing system features\s+Required features: \{([^}]*)\}\s+Available features: \{([^}]*)\}`,
		"builder: $1 needs the features {$2}, and nix WHERE has {$3}: the image's last step runs a virtual machine",
		"ls -l /dev/kvm there; where it is, add kvm to system-features in nix.conf; where it cannot be, build elsewhere: vmloom build-image --on ssh://USER@HOST", "build.on",
	},
	{
		`a 'SYSTEM' with features \{([^}]*)\} is required to build 'DRV', but I am a 'SYSTEM' with features \{([^}]*)\}`,
		"builder: $2 needs the features {$1}, and nix WHERE has {$3}",
		"system-features in nix.conf names what the machine has", "build.on",
	},
	{
		`a '([^']+)' with features \{\} is required to build 'DRV', but I am a '([^']+)'`,
		"builder: $2 is built on $1, and nix WHERE is $3 and has no builder for it",
		"ROUTES", "build.on",
	},
	{
		`a '([^']+)' with features \{([^}]+)\} is required to build 'DRV', but I am a '([^']+)' with features \{([^}]*)\}`,
		"builder: $3 is built on $1 with the features {$2}, and nix WHERE is $4 with {$5} and has no builder for it",
		"ROUTES; kvm needs a /dev/kvm there", "build.on",
	},
	{
		`(?s)Failed to find a machine for remote build!.*required \(system, features\): \(([^,]+), \[?([^\])]*)\]?\)`,
		"builder: none of the builders that nix WHERE knows takes $1 with the features {$2}",
		"each line of /etc/nix/machines names systems and features: add kvm and big-parallel for an image; or ROUTES", "build.on",
	},
	{
		`[Uu]nable to start any build; remote machines may not have all required system features`,
		"builder: none of the builders that nix WHERE knows takes this image",
		"each line of /etc/nix/machines names systems and features: SYSTEM with kvm and big-parallel is needed; or ROUTES", "build.on",
	},
	{
		`[Uu]nable to start any build; either increase '--max-jobs'|Unable to build with a primary store that isn't a local store`,
		"nix: builds nothing WHERE: max-jobs is 0, and there is no builder",
		"set max-jobs in nix.conf, or ROUTES", "build.on",
	},

	// The place is gone.
	{
		`cannot open connection to remote store '([^']+)'`,
		"store $1: cannot be reached, or has no nix",
		"try: nix store ping --store $1; nix-daemon must be on PATH there for a command that ssh runs", "build.on",
	},
	{
		`cannot add path '[^']*' because it lacks a (?:valid )?signature|lacks a signature by a trusted key`,
		"store WHERE: takes no unsigned path from you, since you are not a trusted user of it",
		"on that machine, in /etc/nix/nix.conf: trusted-users = root YOU, then restart nix-daemon", "build.on",
	},
	{
		`(?m)^[^>\n]*(?:Timeout, server .* not responding|client_loop: send disconnect|Connection to \S+ closed by remote host|Connection (?:reset|closed) by [^\n]+|Nix daemon disconnected unexpectedly|unexpected end-of-file|writing to file: Broken pipe|(?:ssh|limactl): exit status 255)`,
		"connection: nix WHERE was lost in the middle of the build",
		"run it again: what was built stays in the store there", "build.on",
	},
	{
		`(?:ssh: connect to host \S+|ssh: Could not resolve hostname \S+|Permission denied \(|Host key verification failed)[^\n]*`,
		"$0", "it must work without a question: ssh -o BatchMode=yes HOST true", "build.on",
	},
	{
		`cannot connect to socket at '([^']+)'|cannot connect to daemon at '([^']+)'`,
		"nix: its daemon does not answer WHERE",
		"sudo systemctl start nix-daemon, or on a Mac: sudo launchctl kickstart -k system/org.nixos.nix-daemon", "",
	},
	{
		`error: the group '([^']+)' specified in 'build-users-group' does not exist`,
		"nix: the group $1 of its builders does not exist WHERE",
		"on Debian: sudo apt install nix-setup-systemd; elsewhere the installer of nixos.org makes it", "",
	},

	// Inputs of the flake.
	{
		`requires lock file changes but they're not allowed due to '--no-update-lock-file'`,
		"flake.lock: does not pin all inputs of flake.nix, and --locked pins nothing new",
		"vmloom build-image without --locked adds what is missing to generated/NAME/flake.lock; commit it", "nix.nixpkgs",
	},
	{
		`unable to download '([^']+)': (?:HTTP error 403|HTTP error 429)`,
		"download: $1: is refused, as when GitHub has had too many questions from this address",
		"wait an hour, or give nix a token: access-tokens = github.com=TOKEN in ~/.config/nix/nix.conf", "",
	},
	{
		`unable to download '([^']+)': HTTP error 404`,
		"download: $1: is not there", "look at the name of the branch or release in nix.nixpkgs", "nix.nixpkgs",
	},
	{
		`unable to download '([^']+)': (?:curl error: )?([^\n]*(?:[Cc]ould ?n.t resolve|Could not resolve|connect to server|Timeout|Connection refused|Network is unreachable)[^\n]*)`,
		"network: $1: $2", "go online, or behind a proxy set https_proxy for the nix daemon; what is in the store already needs no network", "",
	},
	{
		`(?:unable to access '([^']+)'[^\n]*)?Could not resolve host:? ([^\s']+)`,
		"network: $2: the name cannot be resolved", "go online; what is in the store already needs no network", "",
	},

	// What the flake says.
	{
		`nix\.(\w+\[\d+\]): \.(\S+) is not seen by this flake`,
		"nix.$1: .$2: is not there", "write the file, or take it out of the profile", "nix.$1",
	},
	{
		`nix\.(\w+\[\d+\]): ([\w-]+)#(\S+): the input has no such attribute`,
		"nix.$1: $2#$3: the input $2 has no such attribute", "nix flake show, with the url of nix.inputs.$2, lists what it has", "nix.$1",
	},
	{
		`[Pp]ath '([^']+)' in the repository \S+ is not tracked by Git`,
		"file $1: is not tracked by Git, and so no flake sees it", "git add -N $1", "nix.modules",
	},
	{
		`(?:getting status of|opening file|path) '/nix/store/[0-9a-z]{32}-source/([^']+)'(?:: No such file or directory| does not exist)|access to (?:absolute )?path '[^']*/([^'/]+)' is forbidden`,
		"file $1$2: is not seen by the flake: a module of yours names it, and it is not beside the profile",
		"write the path as ./$1 in the module, with the file below the profile's directory", "nix.modules",
	},
	{
		"(?s)The option `([^']+)' does not exist\\.\\s+Definition values:\\s+- In `[^']*-source/(?:generated(?:\\.local)?/[^/']+/)?nix/(?:nixos|home-manager)\\.nix'",
		"option $1: is unknown to this nixpkgs, and vmloom's own module sets it",
		"nix.nixpkgs may be older than NixOS 25.05 or much newer than this vmloom; with a release in between, please report it", "nix.nixpkgs",
	},
	{
		"(?s)The option `([^']+)' does not exist(?:\\.\\s+Definition values:\\s+- In `[^']*-source/([^']+)')?",
		"option $1: does not exist; $2 sets it", "look it up: https://search.nixos.org/options?query=$1", "nix.modules",
	},
	{
		`Failed assertions:\s+- ([^\n]+)`,
		"configuration: $1", "a module of yours and the profile do not go together", "nix.modules",
	},
	{
		`does not provide attribute '?([^\n',]+)`,
		"flake: gives no ${1}: the generated files are not of this profile", "vmloom gen --force", "",
	},
	{
		`attribute '([^']+)' missing\s+at /nix/store/[0-9a-z]{32}-source/(?:\S+/)?nix/(?:nixos|home-manager)\.nix:`,
		"package $1: is not in this nixpkgs", "look it up: https://search.nixos.org/packages?query=$1; one of another name is written {nix: ATTRIBUTE} in guest.packages", "guest.packages",
	},
	{
		`attribute '([^']+)' missing\s+at /nix/store/[0-9a-z]{32}-source/(\S+\.nix):(\d+):`,
		"$2:$3: attribute $1 is missing", "a package: https://search.nixos.org/packages?query=$1; of inputs: nix: {inputs: {INPUT: {url: ...}}} names those there are", "nix.modules",
	},
	{
		`Package ‘([^’]+)’ in \S+ (has an unfree license|is marked as broken|is not available on the requested hostPlatform|is marked as insecure)`,
		"package $1: $2", "take it out of guest.packages, or allow it in a module of nix.modules", "guest.packages",
	},
	{
		`experimental (?:Nix )?feature '([^']+)' is disabled`,
		"nix: its feature $1 is disabled WHERE", "in ~/.config/nix/nix.conf or /etc/nix/nix.conf there: extra-experimental-features = nix-command flakes", "",
	},

	// A derivation that fails for a reason of its own.
	{
		`builder for 'DRV' (failed with exit code \d+|failed due to signal \d+|failed to produce output path)`,
		"derivation $1: $2", "the last lines of its log are above; the log of this build has all", "",
	},
	{
		`(?s)Cannot build 'DRV'\.\s+Reason: builder (failed with exit code \d+|failed due to signal \d+|failed to produce output path)`,
		"derivation $1: $2", "the last lines of its log are above; the log of this build has all", "",
	},
	{
		`ignoring the (?:user|client)-specified setting '([^']+)', because it is a restricted setting and you are not a trusted user`,
		"nix: the setting $1 of yours is ignored, since you are not a trusted user of the daemon WHERE",
		"write it into /etc/nix/nix.conf, or there: trusted-users = root $$USER, then restart nix-daemon", "",
	},

	// Steps around nix.
	{
		`(?:cp: |cat: )[^\n]*NAME\.qcow2'?: No such file`,
		"image: NAME.qcow2 is not in what was built",
		"a module of yours changes image.baseName or image.format of image.modules.qemu-efi: leave both as they are", "nix.modules",
	},
	{
		`(?s).*(?:^|\n)\s*error: ([^\n]+)`,
		"nix: $1", "", "",
	},
}
