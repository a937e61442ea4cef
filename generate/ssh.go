package generate

// sshView is what ssh/config.ssh_config.tmpl prints.
type sshView struct {
	Profile, Name, Alias, User string
	Port                       int
	Named                      bool // the port is fixed: the VM gets its own name too
	LimaConfig, LimaKey        string
	StateConfig                string
}

func sshFiles(from source) ([]File, error) {
	f, err := runBy(from.Profile).ssh(from)
	return []File{f}, err
}

func qemuSSH(from source) (File, error) {
	p := from.Profile
	return render("ssh/config", "ssh/qemu.ssh_config.tmpl", sshView{
		Profile: p.File(), Alias: p.SSHAlias(), StateConfig: "~/.local/state/vmloom/" + p.Name + "/ssh.config",
	})
}

func limaSSH(from source) (File, error) {
	p := from.Profile
	return render("ssh/config", "ssh/config.ssh_config.tmpl", sshView{
		Profile: p.File(), Name: p.Name, Alias: p.SSHAlias(), User: p.Guest.User.Name,
		Port: p.Lima.SSHPort, Named: p.Lima.SSHPort != 0,
		LimaConfig: p.LimaHome() + "/" + p.Lima.Instance + "/ssh.config", LimaKey: p.LimaHome() + "/_config/user",
	})
}
