package engine

import (
	"strings"

	"vmloom/pattern"
)

// nixFailedBuild is the error of a derivation that somebody began to build.
var nixFailedBuild = pattern.New(`(?s)^error:.*(?:builder for '/nix/store/[0-9a-z]{32}-([^']+?)\.drv' failed|Cannot build '/nix/store/[0-9a-z]{32}-([^']+?)\.drv'\.\s+Reason: builder failed)`)

// nixImageDrv reports whether a derivation puts an image together, whose space is that of the image.
func nixImageDrv(j *Job, name string) bool {
	return strings.Contains(name, "disk-image") || name == j.Profile.Name || strings.Contains(name, j.Profile.Name+"-image") || strings.HasSuffix(name, ".qcow2")
}

const (
	nixGiveMemory = "give the machine more memory or swap, or less to do at once: max-jobs = 1 in nix.conf; dmesg | grep -i oom shows more"
	nixGiveSpace  = "df -h /nix /tmp shows which; nix-collect-garbage -d frees /nix; build-dir in nix.conf names another directory to build in"
	nixForeign    = "extra-platforms of nix.conf, or /etc/nix/machines, names a system that the machine does not run: take it out; or let it: on NixOS boot.binfmt.emulatedSystems, elsewhere sudo apt install qemu-user-static; or build at a machine of that kind: --on ssh://USER@HOST"
	nixTrust      = "have nix trust the proxy's certificate: ssl-cert-file = /PATH/TO/BUNDLE.pem in /etc/nix/nix.conf WHERE, then restart nix-daemon"
)

// nixBuilds are ends of a build that nix itself tells.
var nixBuilds = []nixRow{
	{
		`(?s)(?:builder for 'DRV' failed due to signal 9|Cannot build 'DRV'\.\s+Reason: builder failed due to signal 9|builder for 'DRV' failed with exit code 137|Cannot build 'DRV'\.\s+Reason: builder failed with exit code 137)`,
		"derivation $1$2$3$4: its builder was killed, as when memory runs out", nixGiveMemory, "",
	},
}

// nixImageLogs are read in the log of the derivation that puts the image together.
var nixImageLogs = []nixRow{
	{
		`(?m)^(?:(?:qemu-img|qemu-system\S*|qemu-kvm)\b.*|(?:cp|mv): .*['" ]/nix/store/.*)No space left on device`,
		"disk: no space left WHERE, where the image is written: /nix or the directory that nix builds in", nixGiveSpace, "",
	},
	{
		`(?m)^.*?(?:diskSize might be too small|No space left on device|Could not allocate (?:block|inode) in ext2 filesystem|[Nn]ot enough (?:free )?space|write failed.*no space|cptofs failed).*$`,
		"image: what goes into it does not fit: $0",
		"in a module of nix.modules, with its size in MiB: image.modules.qemu-efi.virtualisation.diskSize = 20480;", "nix.modules",
	},
	{
		`(?m)^.*?(?:/dev/kvm|KVM kernel module).*Permission denied.*$`,
		"builder: may not use /dev/kvm: $0",
		"on the machine that builds, its build users must reach it: sudo chmod 666 /dev/kvm, for good by a rule of udev: KERNEL==\"kvm\", MODE=\"0666\"", "build.on",
	},
	{
		`(?m)^.*?(?:kvm version too old|failed to initialize (?:kvm|KVM)|Could not access KVM|/dev/kvm|KVM_CREATE_VM|[Kk][Vv][Mm].*(?:not supported|Function not implemented|not available)).*$`,
		"builder: says that it has kvm, and it does not work there: $0",
		"where a machine runs no guests of its own, take kvm out of system-features in nix.conf and /etc/nix/machines, and build elsewhere: vmloom build-image --on ssh://USER@HOST", "build.on",
	},
}

// nixLogEnds is what may follow the last that a builder said of its fault: before that a log speaks of such things, too.
const nixLogEnds = `(?:\n[^\n]*){0,6}\z`

// nixBuildLogs are read in the log of the derivation that failed, which begins with its name.
var nixBuildLogs = []nixRow{
	{
		`(?s)^([^\n]*)\n.*(?:[Cc]annot execute binary file|Exec format error|[Cc]annot execute: required file not found)[^\n]*` + nixLogEnds,
		"derivation $1: its builder cannot run programs of the system that it says it builds for",
		nixForeign, "build.on",
	},
	{
		`(?m)(Killed signal terminated program|^virtual memory exhausted|^[^\n]*: Cannot allocate memory$|fork: Cannot allocate memory|terminate called after throwing .*std::bad_alloc|JavaScript heap out of memory|^Killed$)[^\n]*` + nixLogEnds,
		"memory: too little WHERE to build it: $1", nixGiveMemory, "",
	},
	{
		`(?s)^([^\n]*)\n.*?(curl: \((?:35|51|60|77)\)[^\n]*)(?:.*(?:cannot download|[Uu]nable to download)|\z)`,
		"derivation $1: its download is not trusted: $2", nixTrust, "",
	},
	{
		`(?s)^([^\n]*)\n.*?(curl: \((?:5|6|7|28|56)\)[^\n]*).*(?:cannot download|[Uu]nable to download)`,
		"derivation $1: cannot be downloaded: $2", "go online, or behind a proxy set https_proxy for the nix daemon, then run this again", "",
	},
	{
		`(?s)^([^\n]*)\n.*?trying (\S+)\n.*?returned error: (\d+).*(?:cannot download|[Uu]nable to download)`,
		"derivation $1: $2 answers $3", "the source has moved: a newer nixpkgs may know where to: vmloom lock nixpkgs; of a module of yours: correct its url", "nix.nixpkgs",
	},
	{
		`(?s)^([^\n]*)\n(?:.*\n)?(?:[^\n]*: )?No space left on device\.?` + nixLogEnds,
		"disk: no space left WHERE to build $1", nixGiveSpace, "",
	},
}

// nixBuildEnds is what is told of a build whose log says nothing that is known.
var nixBuildEnds = []nixRow{
	{
		`(?s)(?:builder for 'DRV' failed|Cannot build 'DRV'\.\s+Reason: builder failed) with exit code 126`,
		"derivation $1$2: its builder cannot run programs of the system that it says it builds for", nixForeign, "build.on",
	},
	{
		`(?s)(?:builder for 'DRV' failed due to signal|Cannot build 'DRV'\.\s+Reason: builder failed due to signal) (\d+ \([^)]*\)|\d+)`,
		"derivation $1$2: its builder ended by signal $3", "the last lines of its log are above; the log of this build has all", "",
	},
	{
		`builder for 'DRV' (failed with exit code \d+|failed to produce output path)`,
		"derivation $1: $2", "the last lines of its log are above; the log of this build has all", "",
	},
	{
		`(?s)Cannot build 'DRV'\.\s+Reason: builder (failed with exit code \d+|failed to produce output path)`,
		"derivation $1: $2", "the last lines of its log are above; the log of this build has all", "",
	},
	{
		`(?s)(?:builder for|Cannot build) 'DRV'\.?(?:\s+Reason: builder)? (failed[^\n;]*)`,
		"derivation $1: $2", "the last lines of its log are above; the log of this build has all", "",
	},
}
