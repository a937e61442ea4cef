package generate

// nixHost is what the modules for the machine that runs the VM print.
type nixHost struct {
	Parity      bool
	Tools       []string // of parity, sorted
	UnfreeNames []string // among them
	SSHPath     string   // below the XDG configuration directory
	ConfigFiles []configFile
	HostUser    string
	Jobs        []agentView
}

type configFile struct{ Path, Text string }

func newNixHost(from source) (nixHost, error) {
	p := from.Profile
	ssh := "vmloom/" + p.Name + "/ssh_config"
	h := nixHost{Parity: p.Nix.Parity && len(p.Guest.Packages) > 0, SSHPath: "/" + ssh, HostUser: p.Host.User}
	add := func(path string, files func(source) ([]File, error)) error {
		made, err := files(from)
		if err != nil {
			return err
		}
		h.ConfigFiles = append(h.ConfigFiles, configFile{path, string(made[0].Data)})
		return nil
	}
	if err := add(ssh, sshFiles); err != nil {
		return h, err
	}
	if p.WezTerm != nil {
		if err := add("wezterm/"+p.Name+".lua", weztermFiles); err != nil {
			return h, err
		}
	}
	if absentLaunchd(p) != "" {
		return h, nil
	}
	var err error
	h.Jobs, err = macJobs(from)
	return h, err
}
