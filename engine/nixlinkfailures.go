package engine

// nixTry is what must work for the user's own ssh.
const nixTry = "it must work without a question: ssh -o BatchMode=yes HOST true"

// nixSSHLost are ssh's words of a connection that was there, and broke off; nixLost are anybody's.
const (
	nixSSHLost = `Timeout, server [^\n]* not responding|client_loop: send disconnect[^\n]*|Connection to \S+ closed by remote host|Connection (?:reset|closed) by [^\n]+`
	nixLost    = `(?:` + nixSSHLost + `|Nix daemon disconnected unexpectedly|unexpected end-of-file|writing to file: Broken pipe)`
)

// nixBrokeOff answers a connection that was there, and broke off.
func nixBrokeOff(when string) nixRow {
	return nixRow{when, "connection: nix WHERE was lost in the middle of the build", "run it again: what was built stays in the store there", "build.on"}
}

// nixQuiet is asked with how a step ended: with LogLevel ERROR ssh says by its exit status alone that the connection
// is gone, and only where nix was heard there was one.
func nixQuiet(heard bool) []nixRow {
	if heard {
		return []nixRow{nixBrokeOff(`^(?:ssh|limactl): exit status 255$`)}
	}
	return []nixRow{{`^ssh: exit status 255$`, "$0", nixTry, "build.on"}}
}

// nixLinks say why another machine, or the server of an input, is not reached; asked with nix's error, then what
// others said.
func nixLinks(j *Job) (rows []nixRow) {
	rows = append(rows, nixKeys...)
	for _, way := range nixWays {
		hint := nixTry
		if way.there {
			hint = way.daemon
		}
		rows = append(rows, nixRow{`(?s)cannot open connection to remote store '([^']+)'.*?` + way.when, "store $1: cannot be reached: " + way.why, hint, "build.on"})
	}
	rows = append(rows, nixLinkEnds...)
	if j.Place.Kind == Local {
		return append(rows, nixLostHere...)
	}
	return append(rows, nixBrokeOff(`(?m)^\s*error: (?:[^\n]*: )?`+nixLost))
}

// nixLostHere are connections of a nix that builds here: to its daemon, and by the daemon to builders. An end of a file
// that nobody explains may be that of a broken download, too.
var nixLostHere = []nixRow{
	{
		`build of 'DRV' on '([^']+)' failed: (?:error: )?` + nixLost,
		"builder $2: the connection broke off in the middle of the build", "run it again: what was built stays in the store there", "build.on",
	},
	{
		`(?s)error: (?:[^\n]*: )?(?:unexpected end-of-file|Nix daemon disconnected unexpectedly|writing to file: Broken pipe)[^\n]*\n(?:.*\n)?(` + nixSSHLost + `)`,
		"connection: to another machine, it broke off: $1", "run it again: what was built stays in the store there", "build.on",
	},
	{
		`(?m)^\s*error: (?:[^\n]*: )?Nix daemon disconnected unexpectedly`,
		"nix-daemon: ended in the middle of the build",
		"journalctl -u nix-daemon -n 50, on a Mac /var/log/nix-daemon.log, shows why, as when memory was short; what was built is kept: run it again", "",
	},
}

var nixLinkEnds = []nixRow{
	{
		`error: (?:[^\n]*: )?(?:error: )?cannot open connection to remote store '([^']+)'`,
		"store $1: cannot be reached, or has no nix",
		"try: nix store info --store $1, in older ones nix store ping; nix-daemon must be on PATH there for a command that ssh runs", "build.on",
	},
	{
		`(?m)^\s*error: (serialised integer \d+ is too large[^\n]*|[^\n]*protocol mismatch[^\n]*)`,
		"connection: a login shell prints something where nix is to answer: $1",
		"ssh HOST true, to the place and to each builder of /etc/nix/machines, must print nothing: in ~/.bashrc and the like there, what prints belongs behind: if [ -t 1 ]", "build.on",
	},
	{
		`cannot add path '[^']*' because it lacks a (?:valid )?signature|lacks a signature by a trusted key`,
		"store WHERE: takes no unsigned path from you, since you are not a trusted user of it",
		"on that machine, in /etc/nix/nix.conf: trusted-users = root YOU, then restart nix-daemon", "build.on",
	},
}

// nixGit is in the errors of nix where git fetches an input.
const nixGit = `(?:program 'git' failed|[Ff]ailed to fetch|git\+ssh://|Failed to fetch git repository|while fetching the input 'git)`

// nixKeys are those of an input's server, which are no builder's.
var nixKeys = []nixRow{
	{
		`(?s)error:.*` + nixGit + `.*?(\S+?): (Permission denied \([^\n]*)`,
		"input: its server does not let your key in: $1: $2",
		"ssh -T $1 must greet you; git ls-remote of the url in nix.inputs must work without a question", "nix.inputs",
	},
	{
		`(?s)error:.*` + nixGit + `.*?(Host key verification failed|Repository not found|could not read Username for '[^']*'|Authentication failed for '[^']*'|Could not read from remote repository)`,
		"input: its server lets nobody in: $1",
		"git ls-remote of the url in nix.inputs must work without a question", "nix.inputs",
	},
	{
		`error: (?:[^\n]*: )?((?:remote )?authentication required[^\n]*|too many redirects or authentication replays)`,
		"input: its server asks who you are: $1",
		"git ls-remote of the url in nix.inputs must work without a question; of GitHub, a token: access-tokens = github.com=TOKEN in ~/.config/nix/nix.conf", "nix.inputs",
	},
}
