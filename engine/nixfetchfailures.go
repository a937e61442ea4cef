package engine

// cacheURL and hubURL are addresses of a binary cache and of GitHub; the host is their group.
const (
	cacheURL = `https?://([^/']+)/(?:[^']*\.narinfo|[^']*nix-cache-info|[^']*nar/[^']*)`
	hubURL   = `https?://(?:api\.|codeload\.)?github\.com/[^']*`
	netError = `[^\n]*(?:[Cc]ould ?n.t resolve|Could not resolve|[Cc]ouldn't connect|[Cc]ould not connect|connect to server|[Tt]imed? ?out|Connection refused|Connection reset|Network is unreachable|No route to host)[^\n]*`
	hubToken = "access-tokens = github.com=TOKEN in ~/.config/nix/nix.conf"
)

// nixFetches are failures of inputs, and of downloads that nix itself makes, by whose the address is; asked
// with nix's error, then what others said.
var nixFetches = []nixRow{
	// A binary cache's. One that is not there is only warned of.
	{
		`unable to download '` + cacheURL + `': HTTP error (401|403|407)`,
		"cache $1: refuses what nix asks of it (HTTP $2)",
		"a private cache wants who you are: machine $1 password TOKEN in the netrc-file of /etc/nix/nix.conf (/etc/nix/netrc); of Cachix: cachix authtoken TOKEN, then cachix use CACHE", "nix.substituters",
	},
	{
		`unable to download '` + cacheURL + `': HTTP error (404|410)`,
		"cache $1: has not what nix asks of it (HTTP $2)",
		"curl https://$1/nix-cache-info tells whether there is a cache; NIX_CONFIG='fallback = true' vmloom build-image builds what it lacks", "nix.substituters",
	},
	{
		`unable to download '` + cacheURL + `': HTTP error (429|5\d\d)`,
		"cache $1: is out of order or overrun (HTTP $2)",
		"run this again later; NIX_CONFIG='fallback = true' vmloom build-image builds what it does not give", "",
	},

	// GitHub's.
	{
		`unable to download '(` + hubURL + `)': HTTP error 401`,
		"download: $1: GitHub does not take the token of nix.conf", "write one that is valid, or take it out: " + hubToken, "",
	},
	{
		`(?s)unable to download '(` + hubURL + `)': HTTP error 403.*(?:SAML|Resource not accessible|personal access token)`,
		"download: $1: the token of nix.conf may not read it", "give the token the right to read it, with SSO authorized for the organization: " + hubToken, "",
	},
	{
		`unable to download '(` + hubURL + `)': HTTP error (?:403|429)`,
		"download: $1: is refused, as when GitHub has had too many questions from this address",
		"wait an hour, or give nix a token: " + hubToken, "",
	},
	{
		`unable to download '(` + hubURL + `)': HTTP error 404`,
		"download: $1: is not there, or is private", "look at owner, name and branch in nix.nixpkgs and nix.inputs; for a private one: " + hubToken, "nix.nixpkgs",
	},

	// Anybody's.
	{
		`unable to download '(https?://([^/']+)[^']*)': HTTP error (401|403)`,
		"download: $1: $2 refuses it (HTTP $3)",
		"of GitLab: access-tokens = $2=PAT:TOKEN in ~/.config/nix/nix.conf; else machine $2 in the netrc-file of /etc/nix/nix.conf", "nix.inputs",
	},
	{
		`unable to download '(https?://([^/']+)[^']*)': HTTP error (404|410)`,
		"download: $1: is not there, or is private", "look at the name of the branch or release in nix.nixpkgs and nix.inputs; for a private one of GitLab: access-tokens = $2=PAT:TOKEN in ~/.config/nix/nix.conf", "nix.nixpkgs",
	},
	{
		`unable to download '([^']+)': (?:HTTP error 407|[^\n]*CONNECT tunnel failed[^\n]*)`,
		"network: the proxy asks who you are, for $1", "https_proxy=http://USER:PASSWORD@HOST:PORT, for the nix daemon too: sudo systemctl edit nix-daemon", "",
	},
	{
		`unable to download '([^']+)': HTTP error (429|5\d\d)`,
		"download: $1: its server is out of order or overrun (HTTP $2)", "run this again later", "",
	},
	{
		`unable to download '([^']+)': [^\n]*(certificate (?:is not yet valid|has expired))`,
		"network: $1: $2, by the clock WHERE", "date shows that clock; where it is right, the server's certificate is old: run this again later", "",
	},
	{
		`unable to download '([^']+)': ([^\n]*(?:SSL|TLS|[Cc]ertificate|self.signed)[^\n]*)`,
		"network: $1: is not trusted: $2", nixTrust, "",
	},
	{
		`unable to download '([^']+)': (?:curl error: )?(` + netError + `)`,
		"network: $1: $2", "go online, or behind a proxy set https_proxy for the nix daemon; what is in the store already needs no network", "",
	},
	{
		`unable to download '([^']+)': ([^\n]*(?:broken|partial|transfer closed|HTTP/2 stream|Stream error|Failure when receiving|sending)[^\n]*)`,
		"network: $1: the download broke off: $2", "run this again", "",
	},
	{
		`(?s)error: (?:.*\n\s*error: )?[^\n]*(?:program 'git' failed|[Ff]ailed to fetch|unable to access|resolve).*?(?:Could not resolve host:? ([^\s']+)|failed to resolve address for ([^\s:]+))`,
		"network: $1$2: the name cannot be resolved", "go online; what is in the store already needs no network", "",
	},
	{
		`(?:server certificate verification failed|SSL certificate problem: [^\n]*|unable to get local issuer certificate|the SSL certificate is invalid)`,
		"network: an input's server is not trusted: $0", "have git trust the proxy's certificate: git config --global http.sslCAInfo /PATH/TO/BUNDLE.pem; nix: ssl-cert-file in /etc/nix/nix.conf", "nix.inputs",
	},
	{
		`executing 'git': No such file or directory|unable to execute 'git'|program 'git' not found|git: command not found`,
		"git: is not on PATH, and an input is fetched by it", "install git, then run this again", "nix.inputs",
	},

	// What was fetched, and the lock.
	{
		`NAR hash mismatch in input '([^']+)'.*?expected '([^']+)',\s+(?:but )?got '([^']+)'`,
		"flake.lock: pins $1 with the hash $2, and what was fetched has $3",
		"rm -rf ~/.cache/nix forgets a bad download; if it is said again, upstream has changed it: vmloom lock INPUT pins that input anew; commit the file", "nix.nixpkgs",
	},
	{
		`(?s)hash mismatch in (?:file downloaded from|fetched input) '([^']+)'.*?(?:specified|wanted|expected):?\s+(\S+)\s+got:?\s+(\S+)`,
		"download $1: its hash is $3, not $2", "what is downloaded has changed: write the new hash where a module of yours fetches it; vmloom lock INPUT where it is an input", "nix.modules",
	},
	{
		`(?s)hash mismatch in fixed-output derivation 'DRV'.*\s+specified:\s+(\S+)\s+got:\s+(\S+)`,
		"derivation $1: hash mismatch: $2 is written, $3 was downloaded",
		"what is downloaded has changed: write the new hash where a module of yours fetches it, or pin a newer nixpkgs: vmloom lock nixpkgs",
		"nix.nixpkgs",
	},
	{
		`requires lock file changes but they're not allowed due to '--no-update-lock-file'`,
		"flake.lock: does not pin all inputs of flake.nix, and --locked pins nothing new",
		"vmloom build-image without --locked adds what is missing to generated/NAME/flake.lock; commit it", "nix.nixpkgs",
	},
	{
		`unsupported (\S+) input attribute '(rev|revCount|lastModified|narHash|shallow|publicKeys?|lfs)'`,
		"nix: WHERE it is older than flake.lock, which was written by one that knows $2 of an input of the kind $1",
		"a newer nix where it runs: " + nixInstall, "",
	},
	{
		`lock file '([^']+)' has unsupported version '?(\d+)`,
		"flake.lock: is of version $2, which this nix does not read: a newer nix has written it",
		"a newer nix: nix upgrade-nix; or let this one pin anew: rm generated/NAME/flake.lock, then vmloom lock", "nix.nixpkgs",
	},
	{
		`cannot find flake '(?:flake:)?([^']+)' in the flake registries`,
		"input $1: the registry has no flake of that name", "write its url whole: github:OWNER/REPOSITORY/BRANCH, as github:NixOS/nixpkgs/nixos-26.05 in nix.nixpkgs", "nix.nixpkgs",
	},
	{
		`(?s)(?:while fetching the input '([^']+)'.*)?(?:This input is not a flake|(?:source tree referenced by|path|flake) '([^']+)' (?:does not contain a '?/?(?:[^']*/)?flake\.nix|is not a flake|lacks a flake\.nix)|does not contain a '/?(?:[^']*/)?flake\.nix' file)`,
		"input $1$2: is no flake", "nix.nixpkgs and nix.inputs name flakes, whose repository has a flake.nix; of one that has none: flake: false in nix.inputs", "nix.nixpkgs",
	},
	{
		`(?:[Cc]annot find [Gg]it revision '([^']+)'|getting Git object '([^']+)'|resolving Git reference '([^']+)'|[Cc]ould not find (?:ref|revision) '?([^\s']+)'?|couldn't find remote ref (\S+))`,
		"input: has no revision $1$2$3$4$5", "git ls-remote of its url lists branches; correct it in nix.nixpkgs or nix.inputs, then vmloom lock INPUT", "nix.inputs",
	},
	{
		`(?:[Tt]runcated (?:gzip|tar|zip)[^\n]*|failed to (?:extract|read) (?:the )?archive[^\n]*|Truncated input[^\n]*|error in tarball[^\n]*)`,
		"download: came broken: $0", "rm -rf ~/.cache/nix forgets it; then run this again", "",
	},
}

// nixStores are failures of nix's daemon, store and settings: only its own error is asked.
var nixStores = []nixRow{
	{
		`derivation '([^']*)([0-9a-z]{32}-)([^']+?)\.drv' may not be deterministic: output ['"]?(?P<differs>[^\s'"]+)['"]? differs`,
		"derivation $3: is not deterministic: a second build of $4 gave other bytes",
		"the image is usable; to see what differs: nix-store --realise --check --keep-failed $1$2$3.drv, then diffoscope $4 $4.check", "",
	},
	{
		`some outputs of '(?:DRV|[^']*)' are not valid, so checking is not possible`,
		"derivation $1: was not built here, and --check-reproducible compares with the first build",
		"vmloom build-image first, then once more with --check-reproducible; what a cache gave is built by: NIX_CONFIG='substitute = false' vmloom build-image", "",
	},
	{
		`(?:building of '(?:DRV|[^']*)'|Cannot build 'DRV'\.(?s:\s+Reason: ))(?:timed out|.*?timed out|builder) ?after (\d+ seconds)( of silence)?`,
		"derivation $1$2: was given up after $3$4",
		"max-silent-time and timeout in nix.conf bound a build: NIX_CONFIG='max-silent-time = 0' vmloom build-image; where it hangs at a VM, look for a /dev/kvm that works", "",
	},
	{
		`No space left on device|database or disk is full|ENOSPC`,
		"disk: no space left WHERE, in /nix, in the directory for temporary files or beside the profile",
		"df -h /nix /tmp . shows which; nix-collect-garbage -d frees /nix", "",
	},
	{
		`(?im)^\s*error: (?:[^\n]*: )?(?:out of memory|cannot allocate memory|std::bad_alloc|unable to fork: cannot allocate memory)`,
		"memory: there is too little WHERE", "give the machine more memory or swap; evaluating a NixOS needs about 2 GiB", "",
	},
	{
		`error: (?:[^\n]*: )?user '?([^'\s]+)'? is not allowed to connect to the Nix daemon`,
		"nix: its daemon does not let $1 in", "in /etc/nix/nix.conf WHERE: allowed-users = *, then restart nix-daemon", "",
	},
	{
		`cannot connect to (?:socket|daemon) at '[^']+': (Permission denied)`,
		"nix: its daemon does not let you in: $0", "allowed-users in /etc/nix/nix.conf, and the group of that socket, name who may", "",
	},
	{
		`cannot connect to (?:socket|daemon) at '([^']+)'`,
		"nix: its daemon does not answer WHERE",
		"sudo systemctl start nix-daemon, or on a Mac: sudo launchctl kickstart -k system/org.nixos.nix-daemon", "",
	},
	{
		`error: (?:[^\n]*: )?((?:opening lock file|creating directory|opening file|changing (?:owner|mode) of path|creating symlink[^']*) '/nix/(?:var|store)[^']*': (?:Permission denied|Read-only file system|Operation not permitted))`,
		"nix: the store is not yours, and the daemon is not asked: $1",
		"NIX_REMOTE=daemon vmloom build-image asks it; it must run: sudo systemctl start nix-daemon, or on a Mac: sudo launchctl kickstart -k system/org.nixos.nix-daemon", "",
	},
	{
		`SQLite database '([^']+)' is (busy|corrupt|malformed)|database disk image is malformed`,
		"nix: its database is in use by another, or broken: $0",
		"run this again when no other nix is at work; if it stays so: nix-store --verify as root, or for one below ~/.cache/nix: rm it", "",
	},
	{
		`error: (?:.*\n\s*error: )?(?:[^\n]*: )?((?:this system does not support the kernel namespaces|[^\n]*private (?:mount|network|PID|user) namespace|cloning builder process|[^\n]*unshare|mounting /proc|cannot (?:pivot|set up)|setting up (?:a )?private|remounting|making [^\n]* private|pivot_root|creating cgroup)[^\n]*)`,
		"nix: its sandbox does not work WHERE, as in a container: $1",
		"sandbox = false in /etc/nix/nix.conf there, or NIX_CONFIG='sandbox = false' vmloom build-image; or run the container with --privileged", "",
	},
	{
		`(?:unable to (?:load|add|initialize) seccomp[^\n]*|seccomp BPF[^\n]*)`,
		"nix: the kernel WHERE takes no filter of system calls, as in an emulated or nested container: $0",
		"filter-syscalls = false in /etc/nix/nix.conf there, or NIX_CONFIG='filter-syscalls = false' vmloom build-image", "",
	},
	{
		`error: the group '([^']+)' specified in 'build-users-group' does not exist`,
		"nix: the group $1 of its builders does not exist WHERE",
		"on Debian: sudo apt install nix-setup-systemd; elsewhere the installer of nixos.org makes it", "",
	},
	{
		`error: the build users group '([^']+)' has no members`,
		"nix: the group $1 of its builders has no members WHERE",
		"on Debian: sudo apt install nix-setup-systemd; elsewhere the installer of nixos.org makes them", "",
	},
	{
		`experimental (?:Nix )?feature '([^']+)' is disabled`,
		"nix: its feature $1 is disabled WHERE", "in ~/.config/nix/nix.conf or /etc/nix/nix.conf there: extra-experimental-features = nix-command flakes", "",
	},
	{
		`path '([^']+)' (?:is required, but there is no substituter that can build it|is not valid|does not exist and cannot be created)|don't know how to build these paths`,
		"nix: its store lacks a path that it counts on: $1", "sudo nix-store --verify --check-contents --repair mends a store; then run this again", "",
	},
	{
		`cached failure of attribute '([^']+)'`,
		"nix: $1 failed before, and nix keeps no more than that", "NIX_CONFIG='eval-cache = false' vmloom build-image asks anew, and tells why", "",
	},
	{
		`error: attribute '([^']+)' is unexpectedly missing`,
		"nix: another that evaluated the same flake at this moment has spoiled what nix keeps of evaluations", "run this again; if it stays so: rm -r ~/.cache/nix/eval-cache-*, or NIX_CONFIG='eval-cache = false' vmloom build-image", "",
	},
	{
		`error: (?:[^\n]*: )?(invalid|unknown) (?:configuration )?(?:setting|value|line) ([^\n]*)|syntax error in configuration line ([^\n]*)`,
		"nix.conf: $0", "nix config show, in older ones nix show-config, reads it", "",
	},
}
