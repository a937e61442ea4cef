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
	// ServerDir is where that is, below the home.
	ServerDir string `empty:"Server"`
}

// Editors in the order in which they are shown.
func Editors() []Editor {
	return []Editor{
		{
			// https://code.visualstudio.com/docs/remote/ssh, troubleshooting: --remote
			Name: "code", Title: "VS Code with Remote - SSH", Server: "VS Code's server", ServerDir: ".vscode-server",
			Open: func(alias, dir string) []string { return []string{"code", "--remote", "ssh-remote+" + alias, dir} },
		},
		{
			// https://zed.dev/docs/remote-development: its server is linked statically.
			Name: "zed", Title: "Zed",
			Open: func(alias, dir string) []string {
				return []string{"zed", (&url.URL{Scheme: "ssh", Host: alias, Path: dir}).String()}
			},
		},
		{
			Name: "jetbrains", Title: "JetBrains Gateway", Server: "the IDE's backend", ServerDir: ".cache/JetBrains/RemoteDev",
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
