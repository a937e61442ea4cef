package engine

// In the texts that these rows are asked with, a file is OWN:FILE where it is the user's, OURS:FILE where vmloom has
// generated it, THEIRS:FILE where it is an input's.
const (
	nixOptions = "look it up: https://search.nixos.org/options?query=$1"
	nixAge     = "nix.nixpkgs may be older than NixOS 25.05 or much newer than this vmloom; with a release in between, please report it"
	nixOption  = "The option `([^']+)'"
	nixBroken  = "take it out of guest.packages and your modules, or name another release in nix.nixpkgs"
)

// nixModuleRows are the words of the module system (lib/modules.nix) and of nixpkgs' check-meta.nix, old and new.
var nixModuleRows = []nixRow{
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
		`getting status of '(?:THEIRS:|/nix/store/[0-9a-z]{32}-source/)(nixos(?:/[^']*)?)': No such file or directory`,
		"input: what stands for nixpkgs is no nixpkgs: it has no $1",
		"nix.nixpkgs, and what an input follows, must lead to one: github:NixOS/nixpkgs/nixos-26.05", "nix.nixpkgs",
	},
	{
		`(?:getting status of|opening file|path) '(?:OWN:|OURS:|THEIRS:|/nix/store/[0-9a-z]{32}-source/)([^']+)'(?:: No such file or directory| does not exist)|access to (?:absolute )?path '[^']*/([^'/]+)' is forbidden`,
		"file $1$2: is not seen by the flake: a module of yours names it, and it is not beside the profile",
		"write the path as ./$1$2 in the module, with the file below the profile's directory", "nix.modules",
	},

	// Options.
	{
		"(?s)" + nixOption + " does not exist\\.\\s+Definition values:\\s+- In `OURS:",
		"option $1: is unknown to this nixpkgs, and vmloom's own module sets it", nixAge, "nix.nixpkgs",
	},
	{
		"(?s)" + nixOption + " does not exist\\.\\s+Definition values:\\s+- In `(?:OWN|THEIRS):([^']+)'.*?Did you mean (.*?)\\?",
		"option $1: does not exist; $2 sets it", "did you mean $3? else " + nixOptions, "nix.modules",
	},
	{
		"(?s)" + nixOption + " does not exist\\.\\s+Definition values:\\s+- In `(?:(?:OWN|THEIRS):)?([^']+)'",
		"option $1: does not exist; $2 sets it", nixOptions, "nix.modules",
	},
	{
		nixOption + " does not exist",
		"option $1: does not exist", nixOptions, "nix.modules",
	},
	{
		"(?s)A definition for option `([^']+)' is not of type `(.*?)'\\.\\s+(?:TypeError:[^\\n]*\\s+)?Definition values:\\s+- In `OURS:([^']+)'",
		"option $1: this nixpkgs takes no longer, or not yet, what vmloom's $3 sets: it is $2", nixAge, "nix.nixpkgs",
	},
	{
		"(?s)A definition for option `([^']+)' is not of type `(.*?)'\\.\\s+(?:TypeError:[^\\n]*\\s+)?Definition values:\\s+- In `(?:(?:OWN|THEIRS):)?([^']+)':?\\s*(.*)",
		"$3: option $1 is a $2; it is set to $4", "correct it in $3; https://search.nixos.org/options?query=$1 has an example", "nix.modules",
	},
	{
		"(?s)" + nixOption + " is read-only, but it's set multiple times\\.\\s+Definition values:.*`THEIRS:(\\S*read-only\\.nix)'",
		"option $1: is set twice: vmloom's nixos.nix sets it, and a module imports $2 of nixpkgs, which fixes nixpkgs.pkgs",
		"take read-only.nix, as of nixosModules.readOnlyPkgs, out of that module; what vmloom sets gives way to nixpkgs.hostPlatform of yours", "nix.modules",
	},
	{
		"(?s)" + nixOption + " is read-only, but it's set multiple times\\.\\s+Definition values:\\s+- In `(?:\\w+:)?([^']+)'.*?- In `(?:\\w+:)?([^']+)'",
		"option $1: may be set once only, and is set in $2 and in $3", "take it out of the one that is yours", "nix.modules",
	},
	{
		"(?s)" + nixOption + " (?:has conflicting definition values|is defined multiple times[^:]*)[:.]\\s+(?:Definition values:\\s+)?- In `(?:\\w+:)?([^']+)'(?:: ([^\\n]*))?\\s.*?- In `(?:\\w+:)?([^']+)'(?:: ([^\\n]*))?",
		"option $1: has two values: $2 sets $3, $4 sets $5",
		"in the module that is to win: $1 = lib.mkForce VALUE;", "nix.modules",
	},
	{
		"(?s)" + nixOption + " has conflicting (?:option )?types?[^\\n]*",
		"option $1: is declared twice, as different things", "two modules, or one given twice, declare it: take one out of nix.modules", "nix.modules",
	},
	{
		nixOption + " in `(?:\\w+:)?([^']+)' is already declared in `(?:\\w+:)?([^']+)'",
		"option $1: is declared in $2 and in $3", "take one of the two out: an input may be of another release than nixpkgs", "nix.modules",
	},
	{
		nixOption + " (?:is used but not defined|was accessed but has no value defined)",
		"option $1: wants a value and has none", "set it in a module of nix.modules; " + nixOptions, "nix.modules",
	},
	{
		"[Mm]odule `(?:\\w+:)?([^']+?)(?::anon[^']*)?' has an unsupported attribute `([^']+)'",
		"$1: $2 stands beside config or options, where only they may stand", "put $2 into config = { ... }; of $1", "nix.modules",
	},
	{
		"(?:[Mm]odule `?(?:\\w+:)?([^\\s']+)'? \\(?[^\\n]*does not look like a module|Expected a module, but found a value of type \"?([^\"\\n]+)\"?[^\\n]*)",
		"module $1: is none: $0", "a file of nix.modules is { config, lib, pkgs, ... }: { ... }; an input's module is named INPUT#nixosModules.MODULE", "nix.modules",
	},
	{
		"(?s)while evaluating the module argument `([^']+)' in \"?(?:OWN:|OURS:|THEIRS:)?([^\":]+)\"?:.*infinite recursion encountered",
		"$2: its imports ask for the argument $1, which is not known before all is imported",
		"what imports is to follow from no argument but inputs, lib and modulesPath; name an input's module in the profile: nix: {modules: [INPUT#nixosModules.MODULE]}", "nix.modules",
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
		`(?s)This version of Nixpkgs requires (?:an implementation of Nix with the following features:\s+- ([^\n]+)|Nix (>= [\d.]+)).*?You are evaluating with Nix (\S+?),`,
		"nix: $3 WHERE is too old for this nixpkgs: $1$2", "install a newer nix there (https://nixos.org/download), or name an older release in nix.nixpkgs", "nix.nixpkgs",
	},

	// Packages.
	{
		// What lib.getName makes of a name: up to a dash before no letter.
		`(?s)(?:Package ‘([^’]+?)(-[^a-zA-Z’][^’]*)?’ in \S+|Refusing to evaluate package '([^']+?)(-[^a-zA-Z'][^']*)?' in \S+)\s+(?:because it\s+)?has (?:an )?unfree license`,
		"package $1$2$3$4: has an unfree license", "in the profile, nix: {allowUnfree: [$1$3]}; or take it out of guest.packages", "guest.packages",
	},
	{
		`(?s)(?:Package ‘([^’]+)’ in \S+|Refusing to evaluate package '([^']+)' in \S+)\s+(?:because it\s+)?is marked as insecure|Refusing to evaluate package '([^']+)'[^\n]*(?:known vulnerabilities|insecure)`,
		"package $1$2$3: is marked as insecure", "take it out, or allow it in a module of nix.modules: nixpkgs.config.permittedInsecurePackages = [ \"$1$2$3\" ];", "guest.packages",
	},
	{
		`(?s)(?:Package ‘([^’]+)’ in \S+|Refusing to evaluate package '([^']+)' in \S+)\s+(?:because it\s+)?(?:is marked as broken|has problems:\s+(?:-\s+)?broken)`,
		"package $1$2: is marked as broken", nixBroken, "guest.packages",
	},
	{
		`(?s)(?:Package ‘([^’]+)’ in \S+|Refusing to evaluate package '([^']+)' in \S+)\s+(?:because it\s+)?is not available on the requested hostPlatform`,
		"package $1$2: is not available on the requested hostPlatform", "take it out of guest.packages and your modules; or change guest.arch", "guest.packages",
	},
	{
		`(?s)Refusing to evaluate package '([^']+)' in \S+\s+(?:because it\s+)?([^\n]+(?:\n\s+- [^\n]+)*)`,
		"package $1: $2", nixBroken, "guest.packages",
	},
	{
		`error: '?([\w.+-]+)'? has been (removed|renamed|replaced|superseded|merged|moved|dropped)([^\n]*)`,
		"package $1: has been $2$3", "name the new one in guest.packages: {nix: ATTRIBUTE}, or in the module that has $1", "guest.packages",
	},
	{
		`error: (stack overflow[^\n]*)`,
		"nix: $1", "something asks for itself: NIX_CONFIG='show-trace = true' vmloom build-image shows what", "nix.modules",
	},
}

// nixAround are failures of the steps around nix, which only other programs speak of.
var nixAround = append([]nixRow{
	{
		`(?:cp: |cat: )[^\n]*NAME\.qcow2'?: No such file`,
		"image: NAME.qcow2 is not in what was built",
		"a module of yours changes image.baseName or image.format of image.modules.qemu-efi: leave both as they are", "nix.modules",
	},
	{
		`(?m)^(?:cp|cat|tar|mkdir|sh|dash|bash|mktemp|mv)\b.*No space left on device`,
		"disk: no space left WHERE, in the directory for temporary files or beside the profile", "df -h /tmp . shows which", "",
	},
}, nixShells...)

// nixShells are ssh's words and those of the shell that it starts.
var nixShells = []nixRow{
	{
		`(?m)^.*REMOTE HOST IDENTIFICATION HAS CHANGED`,
		"ssh: the host key of the place has changed", "where the machine was recreated: ssh-keygen -R HOST, then ssh HOST true shows and keeps the new key", "build.on",
	},
	{
		`(?m)^(?:.*: )?(?:(?:command not found: |Unknown command:? )nix|nix: (?:command )?not found)`,
		"nix: not found WHERE", "nix must be on PATH of a login shell there: ssh HOST sh -lc nix tells; the installer of nixos.org sees to it", "build.on",
	},
	{
		`(?m)^.*(?:ssh: connect to host \S+|ssh: Could not resolve hostname \S+|Permission denied \(|Host key verification failed|Too many authentication failures|This account is (?:currently )?not available|Connection timed out during banner exchange|kex_exchange_identification: )[^\n]*`,
		"$0", nixTry, "build.on",
	},
	nixBrokeOff(`(?m)^[^>\n]*` + nixLost),
}
