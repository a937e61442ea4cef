package engine

// offload are failures of the machines that this one hands builds to, which guix offload speaks of
// (guix/scripts/offload.scm, guix/ssh.scm): not those of this machine, nor of the way to the build's place.
func (at guixAt) offload() []known {
	const (
		says   = `^guix offload: error: `
		fails  = `(?s:.*error: build of )`
		file   = "/etc/guix/machines.scm"
		tests  = "sudo guix offload test shows it again"
		chosen = `(?s:(?:machine '|build slot '/var/guix/offload/)([^':]+)[':].*)`
	)
	return []known{
		{saying(`^guix offload: warning: '(\S+)' did not return a list of build machines; ignoring it(?s:.*)a [` + "`" + `'](\S+)' is required to build .*, but I am a [` + "`" + `'](\S+)'`),
			"guest.arch: $2 cannot be built on $3, and $1, which would name other machines, gives no list and is ignored",
			"$1 ends with (list (build-machine ...)); " + tests, "guest.arch"},
		{saying(says + `failed to load (?:machine file|machines file)? ?'(\S+)': (.*)$`), "offload: $1 cannot be read: $2", "correct it: (list (build-machine ...)); " + tests, ""},
		{saying(says + `SSH public key authentication failed for '(.+?)': (.*)$`), "offload machine $1: does not let root's key log in: $2",
			"the public half of private-key in " + file + " goes into ~/.ssh/authorized_keys of its user there; " + tests, ""},
		{saying(says + `(?:failed to load SSH (?:private|public) key from|cannot (?:load|read) SSH private key) '(\S+)': (.*)$`), "offload: root's key $1 cannot be used: $2",
			"private-key of the machine in " + file + " names one that is there and has no passphrase (default /root/.ssh/id_rsa): sudo ssh-keygen -t ed25519; " + tests, ""},
		{saying(says + `(?:server at '(.+?)' returned host key .*|failed to authenticate server at '(.+?)'.*|host key .* '(.+?)'.*)$`), "offload machine $1$2$3: its host key is not the one of " + file,
			"host-key there is the text of the machine's /etc/ssh/ssh_host_ed25519_key.pub; " + tests, ""},
		{saying(says + `SSH connection to '(.+?)'(?: port (\d+))? failed: (.*?)\s*$`), "offload machine $1: cannot be reached by ssh: $3",
			"name and port in " + file + " must lead to it: root's ssh config is not read; " + tests, ""},
		{saying(says + "failed to connect to '(.+?)'(?: port \\d+)?: (.*)$"), "offload machine $1: cannot be reached: $2",
			"name and port in " + file + " must lead to it: root's ssh config is not read; " + tests, ""},
		{saying(chosen + "^guix offload: error: failed to connect to [`']#<.*>': (.*)$"), "offload machine $1: its guix-daemon does not answer: $2",
			"there: sudo systemctl restart guix-daemon, or sudo herd restart guix-daemon; " + tests, ""},
		{saying(says + "failed to connect to [`']#<.*>': (.*)$"), "offload machine: its guix-daemon does not answer: $1",
			"there: sudo systemctl restart guix-daemon, or sudo herd restart guix-daemon; " + tests, ""},
		{saying(says + `(?:failed to (?:start|run) 'guix repl' on|Guix (?:could not be found|is not installed) on|no Guix on) '(.+?)'`), "offload machine $1: has no guix for who logs in by ssh",
			"ssh of its user there must find it: guix repl --version, by ~/.bashrc or a link in /usr/local/bin; " + tests, ""},
		{saying(`(unauthorized public key|failed to (?:import|authorize)[^\n]*key[^\n]*)` + `(?s:.*)^guix offload: error: `), "offload: the two machines do not trust each other: $1",
			"on each: sudo guix archive --authorize < the other's /etc/guix/signing-key.pub; " + tests, ""},
		{saying(says + `(.*unauthorized public key.*)$`), "offload: the two machines do not trust each other: $1",
			"on each: sudo guix archive --authorize < the other's /etc/guix/signing-key.pub; " + tests, ""},
		{saying(says + `(.*)$` + fails), "offload: $1", tests, ""},
	}
}

// image are failures of the image's own making, whose space is what the profile says.
func (at guixAt) image() []known {
	const field = "resources.disk"
	return []known{
		{saying(`^(?:mke2fs|__populate_fs|mkfs\S*|genimage|guix|tar|cp|copy-file).*?((?:Could not allocate (?:block|inode)|No space left on device)[^\n]*)\n(?s:.*?)^builder for ` + "[`']?/gnu/store/[0-9a-z]{32}-(\\S*(?:partition|image|\\.img|qcow2)\\S*?)\\.drv[`']? failed"),
			"image: what goes into it does not fit: $1", "raise resources.disk; the image has that size", field},
	}
}
