package engine

const (
	machinesFile = "/etc/guix/machines.scm"
	offloadTests = "sudo guix offload test shows it again"
)

// far are failures of a build at a machine that it was handed to.
func (at guixAt) far() []known {
	return []known{
		{saying(`^build failure may have been caused by lack of free disk space on '(\S+)'`), "offload machine $1: its disk is full",
			"there: guix gc -F 20G makes room; df -h /gnu/store /tmp", ""},
		{saying(`^derivation '.*' offloaded to '(\S+)' failed: .*(?:No space left on device|database or disk is full)`), "offload machine $1: its disk is full",
			"there: guix gc -F 20G makes room; df -h /gnu/store /tmp", ""},
	}
}

// offload are failures of the machines that this one hands builds to, which guix offload speaks of
// (guix/scripts/offload.scm, guix/ssh.scm): not those of this machine, nor of the way to the build's place.
func (at guixAt) offload() []known {
	const (
		says   = `^guix offload: error: `
		lead   = "name and port in " + machinesFile + " must lead to it: root's ssh config is not read; " + offloadTests
		daemon = "there: sudo systemctl restart guix-daemon, or sudo herd restart guix-daemon; " + offloadTests
		trust  = "on each: sudo guix archive --authorize < the other's /etc/guix/signing-key.pub; " + offloadTests
		shell  = "ssh of its user there must find it: guix repl --version, by ~/.bashrc or a link in /usr/local/bin; " + offloadTests
		chosen = `(?s:(?:machine '|to '|build slot '/var/guix/offload/)([^':\n]+)[':].*)`
	)
	return []known{
		{saying(says + `failed to (?:load|open) machines? file '(\S+)': (.*)$`), "offload: $1 cannot be read: $2", "correct it: (list (build-machine ...)); " + offloadTests, ""},
		{saying(says + `(?:The build-machine object lacks a value for its 'systems'|(\S+\.scm:\d+:\d+: .*))`), "offload: a build-machine of " + machinesFile + " is not whole $1", "each has a name, systems, user and host-key; " + offloadTests, ""},
		{saying(says + `SSH public key authentication failed for '(.+?)': (.*)$`), "offload machine $1: does not let root's key log in: $2",
			"the public half of private-key in " + machinesFile + " goes into ~/.ssh/authorized_keys of its user there; " + offloadTests, ""},
		{saying(says + `(?:failed to load SSH (?:private|public) key from|cannot (?:load|read) SSH private key) '(\S+)': (.*)$`), "offload: root's key $1 cannot be used: $2",
			"private-key of the machine in " + machinesFile + " names one that is there and has no passphrase (default /root/.ssh/id_rsa): sudo ssh-keygen -t ed25519; " + offloadTests, ""},
		{saying(says + `(?:server at '(.+?)' returned host key .*|failed to authenticate server at '(.+?)'.*|host key .* '(.+?)'.*)$`), "offload machine $1$2$3: its host key is not the one of " + machinesFile,
			"host-key there is the text of the machine's /etc/ssh/ssh_host_ed25519_key.pub; " + offloadTests, ""},
		{saying(says + `SSH connection to '(.+?)'(?: port (\d+))? failed: (.*?)\s*$`), "offload machine $1: cannot be reached by ssh: $3", lead, ""},
		{saying(says + `timeout while connecting to SSH server at '(.+?)'`), "offload machine $1: cannot be reached by ssh: it does not answer in time", lead, ""},
		{saying(says + `failed to connect over SSH to daemon at '(.+?)', socket (\S+)$`), "offload machine $1: its guix-daemon does not answer at $2", daemon, ""},
		{saying(says + "failed to connect to '(.+?)'(?: port \\d+)?: (.*)$"), "offload machine $1: cannot be reached: $2", lead, ""},
		{saying(chosen + "^guix offload: error: failed to connect to [`']#<.*>': (.*)$"), "offload machine $1: its guix-daemon does not answer: $2", daemon, ""},
		{saying(says + "failed to connect to [`']#<.*>': (.*)$"), "offload machine: its guix-daemon does not answer: $1", daemon, ""},
		{saying(says + `failed to connect to '\S+' on remote host '(.+?)': (.*)$`), "offload machine $1: its guix-daemon does not answer: $2", daemon, ""},
		{saying(says + `(?:failed to (?:start|run) (?:'guix repl'|Guile) on(?: remote host| machine)?|Guix (?:could not be found|is not installed) on|no Guix on|\(guix\) module not usable on remote host) '(.+?)'`), "offload machine $1: has no guix for who logs in by ssh", shell, ""},
		{saying(says + `remote command '(.*)' failed with status (\d+)`), "offload machine: $1 ends with $2 there", shell, ""},
		{saying(says + `failed to talk to guix-daemon on '(.+?)' (.*)$`), "offload machine $1: its guix-daemon does not answer: $2", daemon, ""},
		{saying(says + `(?:'.*' was not properly imported on '(.+?)'|failed to import '.*' from '(.+?)')`), "offload machine $1$2: it and this machine do not trust each other", trust, ""},
		{saying(`(unauthorized public key|failed to (?:import|authorize)[^\n]*key[^\n]*)` + `(?s:.*)^guix offload: error: `), "offload: the two machines do not trust each other: $1", trust, ""},
		{saying(says + `(.*unauthorized public key.*)$`), "offload: the two machines do not trust each other: $1", trust, ""},
		{saying(says + `timeout expired while offloading '\S+?([^/-]+(?:-[^/']+)?)\.drv'`), "offload: $1 took longer than a build may", "the daemon's --timeout bounds it: GUIX_BUILD_OPTIONS=--timeout=SECONDS for this one", ""},
		{saying(`(?s:.*)^guix offload: error: (.*)$`), "offload: $1", offloadTests, ""},
	}
}
