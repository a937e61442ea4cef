package engine

import "vmloom/pattern"

// nixRoutes are the ways to a builder for the guest's system.
const nixRoutes = "give nix a Linux builder (docs/build-image.md lists them), or name a place: vmloom build-image --on ssh://USER@HOST, or --on lima:INSTANCE with a running Linux VM that has nix"

// nixNobodyWords are in every error that says that nobody builds.
const nixNobodyWords = `(?:is required to build|Required system|Required features|nable to start any build|Reason: local builds are disabled|with a primary store that isn't a local store)`

var nixNobody = pattern.New(nixNobodyWords)

// wayFailure is why a machine cannot be reached, as ssh, the login shell there or nix says it: the group of when
// is $2 of why; daemon is what to do where root's ssh of the nix daemon has failed, and there says that the
// cure is the same for everybody's ssh.
type wayFailure struct {
	when, why, daemon string
	there             bool
}

var nixWays = []wayFailure{
	{`(?:unable to execute|executing) 'ssh': No such file or directory()`, "there is no ssh on the PATH of nix-daemon",
		"install OpenSSH's client; with systemd: sudo systemctl edit nix-daemon, [Service] Environment=PATH=/usr/bin:/bin:/run/current-system/sw/bin, then sudo systemctl restart nix-daemon", false},
	{`[Cc]ould not resolve hostname ([^\s:]+)`, "the name $2 cannot be resolved",
		"/etc/hosts, or HostName of root's ssh config, must lead to it: sudo ssh HOST true", false},
	{`(REMOTE HOST IDENTIFICATION HAS CHANGED)`, "its host key has changed",
		"where it was made anew: sudo ssh-keygen -R HOST, then sudo ssh HOST true; the key in /etc/nix/machines too", false},
	{`(Host key verification failed|No \S+ host key is known for)`, "root does not know its host key",
		"sudo ssh HOST true shows and keeps it; or the last column of /etc/nix/machines: base64 -w0 of the host's /etc/ssh/ssh_host_ed25519_key.pub", false},
	{`(Load key "[^"]*": [^\n]*|Identity file \S+ not accessible[^\n]*|UNPROTECTED PRIVATE KEY FILE)`, "its key cannot be used: $2",
		"the key that /etc/nix/machines names must be there, root's own (sudo chmod 600) and without a passphrase", false},
	{`(Permission denied \([^\n]*|Too many authentication failures)`, "it lets the daemon's key not log in: $2",
		"the public half of the key that /etc/nix/machines names goes into ~/.ssh/authorized_keys there; sudo ssh -i KEY HOST true must work", false},
	{`(serialised integer \d+ is too large[^\n]*|protocol mismatch[^\n]*)`, "its login shell prints something: $2",
		"ssh HOST true must print nothing: in ~/.bashrc and the like there, what prints belongs behind: if [ -t 1 ]", true},
	{`((?:command not found: |Unknown command:? )\S*nix\S*|\S*nix\S*: (?:command )?not found)`, "it has no nix for a command that ssh runs: $2",
		"nix-daemon and nix-store must be on PATH there: sudo ln -s /nix/var/nix/profiles/default/bin/nix* /usr/local/bin/; ssh HOST nix-store --version must work", true},
	{`(This account is (?:currently )?not available|cannot execute command-line and remote command)`, "its account runs no commands: $2",
		"give the account there a shell: sudo chsh -s /bin/sh USER", true},
	{`connect to (?:host|address) \S+(?: port \d+)?: ([^\n]+)`, "$2",
		"the machine must run and answer: sudo ssh HOST true", false},
}

// nixPlaces say why nobody builds: asked with the errors of the hook, which reaches for other machines,
// with what ssh said to it, and with what the daemon ignores.
func nixPlaces(j *Job) []nixRow {
	rows := []nixRow{{
		`(?s)ignoring the (?:user|client)-specified setting '(builders|extra-platforms|system-features|max-jobs|external-builders|store)', because it is a restricted setting and you are not a trusted user.*NOBODY`,
		"nix: the setting $1 of yours is ignored, since you are not a trusted user of the daemon WHERE, and so nobody builds for SYSTEM",
		"write it into /etc/nix/nix.conf, or there: trusted-users = root $$USER, then restart nix-daemon", "build.on",
	}}
	for _, way := range nixWays {
		rows = append(rows, nixRow{`(?s)cannot build on '([^']+)':.*?` + way.when + `.*NOBODY`, "builder $1: cannot be reached: " + way.why, way.daemon + " (of $1)", "build.on"})
	}
	return append(rows, nixNobodyRows...)
}

const nixHaveKVM = "ls -l /dev/kvm there; where it is, add kvm to system-features in nix.conf; where it cannot be, build elsewhere: vmloom build-image --on ssh://USER@HOST"

// nixNobodyRows in the order in which they decide.
var nixNobodyRows = []nixRow{
	{
		`(?s)cannot build on '([^']+)':\s+(?:error:\s+)?([^\n]+).*NOBODY`,
		"builder $1: cannot be reached: $2",
		"one that starts on demand may be up by now: run this again; the daemon (root) must reach it: sudo ssh HOST true, with the key that /etc/nix/machines names; nix store info --store $1, in older ones nix store ping, says more", "build.on",
	},
	{
		`(?s)ignoring substitute for 'STORE' from '([^']+)',? (?:as|because) it's not signed by any of the keys in 'trusted-public-keys'.*Cannot build 'DRV'`,
		"cache $2: has $1, and nix WHERE trusts none of the keys that it is signed with",
		"nix: {substituters: [$2], trustedPublicKeys: [KEY]}, or trusted-public-keys in /etc/nix/nix.conf; else $3 has to be built: ROUTES", "nix.trustedPublicKeys",
	},
	{
		`a 'SYSTEM' with features \{([^}]*\bkvm\b[^}]*)\} is required to build 'DRV', but I am a 'SYSTEM' with features \{([^}]*)\}`,
		"builder: $2 needs the features {$1}, and nix WHERE has {$3}: the image's last step runs a virtual machine", nixHaveKVM, "build.on",
	},
	{
		`(?s)Cannot build 'DRV'\.\s.*Required system: 'SYSTEM' with features \{([^}]*\bkvm\b[^}]*)\}\s+Current system: 'SYSTEM' with features \{([^}]*)\}`,
		"builder: $1 needs the features {$2}, and nix WHERE has {$3}: the image's last step runs a virtual machine", nixHaveKVM, "build.on",
	},
	{
		`(?s)Cannot build 'DRV'\.\s.*Required system: 'SYSTEM' with features \{([^}]*)\}\s+Current system: 'SYSTEM' with features \{([^}]*)\}`,
		"builder: $1 needs the features {$2}, and nix WHERE has {$3}",
		"system-features in nix.conf names what the machine has", "build.on",
	},
	{
		`(?s)Cannot build 'DRV'\.\s.*Required system: '([^']+)'.*Current system: '([^']+)'`,
		"builder: $1 is built on $2, and nix WHERE is $3 and has no builder for it",
		"ROUTES", "build.on",
	},
	{
		`(?s)Cannot build 'DRV'\.\s.*Reason: missing system features\s+Required features: \{([^}]*\bkvm\b[^}]*)\}\s+Available features: \{([^}]*)\}`,
		"builder: $1 needs the features {$2}, and nix WHERE has {$3}: the image's last step runs a virtual machine", nixHaveKVM, "build.on",
	},
	{
		`(?s)Cannot build 'DRV'\.\s.*Required features: \{([^}]*)\}\s+Available features: \{([^}]*)\}`,
		"builder: $1 needs the features {$2}, and nix WHERE has {$3}",
		"system-features in nix.conf names what the machine has", "build.on",
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
		`(?s)Cannot build 'DRV'\.\s.*Reason: local builds are disabled`,
		"nix: builds nothing WHERE: max-jobs is 0, and no builder takes $1",
		"set max-jobs in nix.conf, or ROUTES", "build.on",
	},
	{
		`[Uu]nable to start any build;\s+remote machines may not have all required system features`,
		"builder: none of the builders that nix WHERE knows takes this image",
		"each line of /etc/nix/machines names systems and features: SYSTEM with kvm and big-parallel is needed; or ROUTES", "build.on",
	},
	{
		`[Uu]nable to start any build;\s+either\s+increase '--max-jobs'|[Uu]nable to build with a primary store that isn't a local store`,
		"nix: builds nothing WHERE: max-jobs is 0, and there is no builder",
		"set max-jobs in nix.conf, or ROUTES", "build.on",
	},
}
