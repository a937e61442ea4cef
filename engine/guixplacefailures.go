package engine

// reach are failures of the daemon and of other machines, as guix itself tells them.
func (at guixAt) reach() []known {
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
		{saying("error: (?:build failed: )?(?:cloning builder process|while setting up the build environment): (.*)$"), guixNoSandbox(at), guixSandboxCure, ""},
		{saying(`error: (cannot create container: user namespaces unavailable|clone: \d+: Permission denied|mount: mount .* on .*: (?:Permission denied|Operation not permitted))$`), guixNoSandbox(at), guixSandboxCure, ""},
	}
}

// guixSandboxCure is for containers, and for systems whose AppArmor forbids namespaces to guix.
const guixSandboxCure = "run the container with --privileged, or guix-daemon with --disable-chroot; on Ubuntu 24.04 or newer AppArmor may be what forbids it: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"

func guixNoSandbox(at guixAt) string {
	return "guix-daemon: its sandbox does not work" + at.place() + ", as in a container: $1"
}

// way are failures of the way to a place, as OpenSSH and the login shell there tell them.
func (at guixAt) way() []known {
	return []known{
		{saying(`(?:guix: (?:command )?not found|command not found: guix|exec: guix: not found|Unknown command:? guix)`), "guix: not found at " + at.Place.String(), "there: " + dollars(guixInstall(at.Profile)), "build.on"},
		{saying(`^ssh: connect to host (\S+) port (\d+): (.*)$`), "$1: cannot be reached by ssh, port $2: $3", "ssh $1 true must work", "build.on"},
		{saying(`^ssh: Could not resolve hostname (\S+): (.*)$`), "$1: no such host: $2", "ssh $1 true must work", "build.on"},
		{saying(`^(\S+): Permission denied \(.*\)\.?$`), "$1: does not let this key log in", "ssh $1 true must work without a password", "build.on"},
		{saying(`^(?:Host key verification failed\.|No \S+ host key is known for .*|.*REMOTE HOST IDENTIFICATION HAS CHANGED.*)$`), dollars(at.Place.String()) + ": its host key is not known", at.there("true") + ", and compare the key", "build.on"},
		{saying(`(This account is (?:currently )?not available|cannot execute command-line and remote command)`), dollars(at.Place.String()) + ": its account runs no commands: $1", "give the account there a shell: sudo chsh -s /bin/sh USER", "build.on"},
		{saying(`(?i)^(?:client_loop: send disconnect|Timeout, server|Connection (?:to|closed by|reset by)|mux_client_request_session|kex_exchange_identification)(.*)$`),
			"connection to " + dollars(at.Place.String()) + ": broke off", "what is built there is kept: run this again", "build.on"},
	}
}

// shortage is what the place has too little of, as guix and its daemon say it.
func (at guixAt) shortage() []known {
	return []known{
		{saying(`error: .*(?:No space left on device|database or disk is full)|^note: build failure may have been caused by lack of free disk space`),
			"disk: is full" + at.place(), at.space(), ""},
		{saying(`error: .*(?:Cannot allocate memory|[Oo]ut of memory)|^builder for .*due to signal 9 \(Killed\)|^builder for .*failed with exit code 137$`), "memory: is short" + at.place(), guixGiveMemory, ""},
	}
}

// spent is the same as a failed build, or what runs beside guix, says it in its very last words: before these a log
// may speak of such things all the time.
func (at guixAt) spent() []known {
	const ends = `(?:\n.*){0,4}\z`
	return []known{
		{saying(`(?:^|: )(?:No space left on device|database or disk is full)\.?` + ends), "disk: is full" + at.place(), at.space(), ""},
		{saying(`(?:: Cannot allocate memory|^virtual memory exhausted.*|Killed signal terminated program.*)` + ends), "memory: is short" + at.place(), guixGiveMemory, ""},
	}
}

const guixGiveMemory = "give it 4 GiB or more, or swap; dmesg names what was killed"

func (at guixAt) space() string {
	return at.there("guix gc -F 20G") + " makes room; " + at.there("df -h /gnu/store /var/guix /tmp")
}
