package engine

// channels are failures of what guix time-machine fetches and authenticates: its error, behind what it said of its channels.
func (at guixAt) channels() []known {
	const (
		field  = "guix.channels"
		of     = `^(?:Updating|Authenticating) channel '([^']+)'`
		signed = "a commit that its authors have signed, in guix.channels; its introduction must be that of the channel's own documentation"
		intro  = "its introduction in guix.channels must be that of the channel's own documentation"
	)
	return []known{
		{saying(`^Updating channel '(\S+)' from Git repository at '(\S+?)'\.\.\.\n(?s:.*)In procedure getaddrinfo: (.*)` + atLast),
			"channel $1: cannot be reached: $3", "is this machine online? git ls-remote $2 must work", field},
		{saying(`Git error: failed to resolve address for (\S+): (.*)$`), "channel at $1: cannot be reached: $2", "is this machine online? The commit in guix.channels must be there", field},
		{saying(`Git error: failed to resolve path '(.*)': (.*)$`), "channel at $1: $2", "correct its url in guix.channels", field},
		{saying(`In procedure getaddrinfo: (.*)` + atLast), "network: a channel or source cannot be reached: $1", "is this machine online? git ls-remote https://git.guix.gnu.org/guix.git must work", ""},
		{saying(of + `(?s:.*)Git error: (.*status code: (?:429|5\d\d).*)$`),
			"channel $1: its server is out of order: $2", "run this again later; or name a mirror as its url in guix.channels", field},
		{saying(`^guix(?: [a-z-]+)?: error: Git error: (.*status code: (?:429|5\d\d).*)$`),
			"channel: its server is out of order: $1", "run this again later; or name a mirror as its url in guix.channels", field},
		{saying(of + `(?s:.*)Git error: (.*(?:status code: 40[13]|authentication required|too many redirects or authentication replays|failed to authenticate SSH session|request failed with status code: 404|status code: 404).*)$`),
			"channel $1: its server gives nothing to who asks like this: $2", "correct its url in guix.channels; a private one has a url of ssh, with the key in ssh-agent", field},
		{saying(`Git error: (.*(?:SSL|certificate).*)$`), "channel: its server is not trusted: $1", "behind a proxy its certificate goes into SSL_CERT_FILE, and SSL_CERT_DIR of who runs guix", field},
		{saying(of + `(?s:.*)Git error: (.*(?:[Ee]arly EOF|unexpected (?:EOF|disconnect)|[Cc]onnection (?:reset|refused|timed out)|timed out|failed to connect|[Nn]etwork is unreachable|TLS|indexer|disconnected).*)$`),
			"channel $1: the connection to its server broke off: $2", "run this again; or name a mirror as its url in guix.channels", field},
		{saying(of + `(?s:.*)Git error: (.*)$`), "channel $1: $2", "git ls-remote of its url must work, and have the commit", field},
		{saying(`Git error: (.*)$`), "channel: $1", "git ls-remote of its url must work, and have the commit", field},
		// guix/git-authenticate.scm, guix/channels.scm and guix/scripts/time-machine.scm of Guix 1.5.
		{saying(`^Authenticating channel '(\S+?)'(?s:.*)error: (commit \S+ (?:lacks a signature|has a \S+ signature.*|attempts to remove .*|.*not signed.*)|signature verification failed for commit .*)$`), "channel $1: $2", signed, field},
		{saying(`^Authenticating channel '(\S+?)'(?s:.*)error: (could not authenticate commit .*|initial commit .*|commit \S+ is not a descendant of .*|malformed ASCII-armored key .*)$`), "channel $1: $2", intro, field},
		{saying("error: (could not authenticate commit \\S+: .*|initial commit \\S+ is not .*|commit \\S+ (?:lacks a signature|.*not signed.*|is not a descendant .*)|signature verification failed .*)$"), "channel: $1", intro, field},
		{saying(`error: channel '(\S+?)' (lacks an introduction and cannot be authenticated)`), "channel $1: $2", "write its introduction into guix.channels, as the channel's own documentation has it", field},
		{saying(`error: aborting update of channel '(\S+?)' to commit (\S+), (which is not a descendant of \S+)$`), "channel $1: commit $2, $3", "a commit of the channel's own branch, in guix.channels", field},
		{saying("error: (cannot travel past commit .*)$"), "guix.channels: $1", "a commit of Guix 1.4 or later is what the definition is written for", field},
		{saying("error: (?:Git failure while fetching|cannot fetch (?:commit \\S+|branch \\S+) from) (\\S+): (.*)$"), "channel at $1: cannot be fetched: $2", "git ls-remote $1 must work", field},
		// What breaks guix while it reads channels is told by a backtrace alone.
		{saying(`(?:Updating|Authenticating) channel '([^']+)'[^\n]*\nBacktrace:\n(?s:.*)` + guixTraceEnd), "channel $1: guix broke off while it read it: $2", "another commit of $1 in guix.channels; or, where its checkout is broken, rm -r ~/.cache/guix/checkouts", field},
	}
}

// guixTraceEnd is the end of a backtrace: the message, which may follow the procedure on a line of its own.
const guixTraceEnd = `^\S+\.scm:\d+:\d+: In procedure (?:raise-exception:\n|[^:\n]*:\n)?([^\n]+(?:\n[^\n]+)?)` + atLast

// fetching are failures of substitutes: what guix substitute and the daemon said of them, and guix's error behind it.
func (at guixAt) fetching() []known {
	const died = "(?s:.*)(?:guix )?substitute' died unexpectedly"
	const trusts = "sudo mv /etc/guix/acl /etc/guix/acl.old, then for each server of substitutes: sudo guix archive --authorize < KEY.pub"
	return []known{
		{saying("In procedure string->canonical-sexp: (.*)" + died), "substitutes: /etc/guix/acl or a key of it cannot be read: $1", trusts, ""},
		{saying(`guix substitute: error: (.*)` + died), "substitutes: their download died: $1", at.fallback() + "; Guix 1.5 outlives it", ""},
		{saying("In procedure raise-exception:\n(.*)\n(?:.*\n)*?.*substitute' died unexpectedly"), "substitutes: their download died: $1", at.fallback() + "; Guix 1.5 outlives it", ""},
		{saying("In procedure ([^\\n]+:\\n[^\\n]+|[^\\n]+)\\n(?:.*\\n)*?" + `.*substitute' died unexpectedly`), "substitutes: their download died: $1", at.fallback() + "; Guix 1.5 outlives it", ""},
		{saying("substitute' died unexpectedly"), "substitutes: their download died", at.fallback() + "; Guix 1.5 outlives it", ""},
		{saying("^sha256 hash mismatch for /gnu/store/[0-9a-z]{32}-(\\S+):\\n +expected hash: (\\S+)\\n +actual hash: +(\\S+)\\n(?:.*\\n)*?substitution of"),
			"substitute $1: came broken, its hash is $3", at.fallback(), ""},
		{saying("error: some substitutes for the outputs of derivation " + guixDrvWords + " failed"),
			"substitutes of $1: the download broke off", at.fallback(), ""},
	}
}
