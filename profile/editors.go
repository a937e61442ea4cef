package profile

import "net/url"

// Editor is one that works in a guest over ssh, by the name that ssh's configuration has.
type Editor struct {
	// Name on the command line, and in prose.
	Name, Title string
	// Open are the words that open a directory of the guest; nil: By says how it is opened.
	Open func(alias, dir string) []string `empty:"By"`
	By   string                           `empty:"Open"`
	// Server says what it brings into the guest, if that is a program made for other systems
	// than NixOS and Guix System.
	Server string `empty:"its server, where it has one, runs everywhere"`
	// ServerDir is where its server is, below the home.
	ServerDir string `empty:"it brings none"`
	// Tools are the programs that its server is fetched, unpacked and started by, as an ssh command finds them; of
	// a row of several any will do. The glibc of VS Code's and JetBrains' (2.28) every release has that a profile names.
	Tools [][]string `empty:"it needs none"`
	// Quiet: it reads what a command prints, and trips over a shell that adds something of its own.
	Quiet bool `empty:"it finds its answer among other words"`
	// SFTP: its server is copied so.
	SFTP bool `empty:"its server comes another way"`
	// Room that its server takes in the home.
	Room Size `empty:"ServerDir"`
}

// Editors in the order in which they are shown.
func Editors() []Editor {
	return []Editor{
		{
			// https://code.visualstudio.com/docs/remote/ssh, troubleshooting: --remote; /linux, prerequisites
			Name: "code", Title: "VS Code with Remote - SSH", Server: "VS Code's server", ServerDir: ".vscode-server",
			Tools: [][]string{{"bash"}, {"tar"}, {"curl", "wget"}}, Room: 500 << 20,
			Open: func(alias, dir string) []string { return []string{"code", "--remote", "ssh-remote+" + alias, dir} },
		},
		{
			// https://zed.dev/docs/remote-development: its server is linked statically. It asks uname, and has the server
			// from this host where the guest can fetch none (crates/remote/src/transport/ssh.rs).
			Name: "zed", Title: "Zed", ServerDir: ".zed_server", Tools: [][]string{{"gunzip"}}, Quiet: true, Room: 200 << 20,
			Open: func(alias, dir string) []string {
				return []string{"zed", (&url.URL{Scheme: "ssh", Host: alias, Path: dir}).String()}
			},
		},
		{
			// https://www.jetbrains.com/help/idea/prerequisites.html: sftp, and the room for a backend
			Name: "jetbrains", Title: "JetBrains Gateway", Server: "the IDE's backend", ServerDir: ".cache/JetBrains/RemoteDev",
			Quiet: true, SFTP: true, Room: 5 << 30,
			By: "in Gateway or Toolbox: SSH, a new connection by the configuration file, host %s, project directory %s",
		},
		{
			Name: "emacs", Title: "Emacs with TRAMP",
			Open: func(alias, dir string) []string { return []string{"emacs", "/ssh:" + alias + ":" + dir} },
		},
	}
}

// RunsForeign reports whether the guest runs programs that were made for other systems.
func (p *Profile) RunsForeign() bool { return p.System().NoForeign == "" || p.Nix.LD }
