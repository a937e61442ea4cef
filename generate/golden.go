package generate

import (
	"bytes"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
	"vmloom/profile"
)

// ofOneMachine are the sections of lima.extra that belong to a machine and not
// to its image: what it shares with its host, how it is reached and shown, what
// it waits for.
var ofOneMachine = []string{
	"additionalDisks", "audio", "copyToHost", "cpus", "memory", "message", "mountInotify", "mountType", "mounts",
	"networks", "portForwards", "probes", "ssh", "video",
}

// ImageTemplate is the Lima template of the throw-away instance that becomes the
// profile's image: its system, packages and provisioning, and nothing that belongs
// to one machine, such as disks, mounts, sockets and ports. It carries no
// profile.Marker, so that no script takes the instance for the VM itself.
func ImageTemplate(p *profile.Profile) ([]byte, error) {
	q := *p
	q.Mounts, q.Sockets, q.Ports, q.Home.Disk, q.Lima.SSHPort = nil, nil, nil, 0, 0
	q.OnePassword, q.Guest.EnvFile = profile.OnePassword{}, ""
	q.Disks, q.Rosetta, q.Resources.Nested = nil, false, false
	q.Network, q.Lima.Networks = profile.Network{}, nil
	q.Guest.Setup = profile.Setup{}   // scripts run in the VM: one that runs once has not run yet
	q.Guest.User.AuthorizedKeys = nil // they lie in the home, which is not in the image
	v, err := newLimaView(&q, nil)
	if err != nil {
		return nil, err
	}
	v.Probes = nil // Lima would wait for them for 13 minutes; build-image looks itself
	v.Message = "This instance becomes the image of " + p.Name + ", and is deleted then.\n"
	f, err := render("lima/image.yaml", "lima/instance.yaml.tmpl", v)
	if err != nil {
		return nil, err
	}
	extra := imageExtra(p.Lima.Extra.Node)
	doc, err := mergeExtra(withoutMachine(f.Data), extra)
	if err != nil {
		return nil, err
	}
	// A param that nothing uses any more is an error to Lima.
	if params := lookup(extra, "param"); params != nil && dropParams(params, doc) {
		dropEmpty(extra, "param")
		doc, err = mergeExtra(withoutMachine(f.Data), extra)
	}
	return doc, err
}

// withoutMachine takes out the marker, and CPUs and memory: Lima's own choice
// fits each host, and a change of them is no reason to rebuild.
func withoutMachine(doc []byte) []byte {
	var kept bytes.Buffer
	for line := range bytes.Lines(doc) {
		if !slices.ContainsFunc([]string{"# vmloom-profile: ", "cpus: ", "memory: "}, func(prefix string) bool {
			return bytes.HasPrefix(line, []byte(prefix))
		}) {
			kept.Write(line)
		}
	}
	return kept.Bytes()
}

// imageExtra is a copy of lima.extra without what is of one machine.
func imageExtra(extra *yaml.Node) *yaml.Node {
	if extra == nil {
		return nil
	}
	out := closed(extra)
	for _, key := range ofOneMachine {
		drop(out, key)
	}
	// qemu-img reads raw disks, which is vz's default for Linux, but not Apple's asif.
	vm := lookup(out, "vmOpts")
	if vz := lookup(vm, "vz"); vz != nil {
		drop(vz, "diskImageFormat")
		dropEmpty(vm, "vz")
		dropEmpty(out, "vmOpts")
	}
	return out
}

func drop(m *yaml.Node, key string) {
	if at := lima.ValueAt(m, key); at > 0 {
		m.Content = slices.Delete(slices.Clone(m.Content), at-1, at+1)
	}
}

func dropEmpty(m *yaml.Node, key string) {
	if value := lookup(m, key); value != nil && len(value.Content) == 0 {
		drop(m, key)
	}
}

// dropParams takes out the params that the document does not use, in Lima's own
// sense (validateParamIsUsed of its limayaml).
func dropParams(params *yaml.Node, doc []byte) (dropped bool) {
	if params.Kind != yaml.MappingNode {
		return false
	}
	for i := len(params.Content) - 2; i >= 0; i -= 2 {
		key := params.Content[i].Value
		used := regexp.MustCompile(`{{[^}]*\.Param\.` + regexp.QuoteMeta(key) + `[^}]*}}|\bPARAM_` + regexp.QuoteMeta(key) + `\b`)
		if !used.Match(doc) {
			drop(params, key)
			dropped = true
		}
	}
	return dropped
}
