package generate

import (
	"vmloom/profile"
)

// ImageTemplate is the Lima template of the throw-away instance that becomes the
// profile's image: its system and packages, and nothing that belongs to one
// machine, such as disks, mounts, sockets and ports.
func ImageTemplate(p *profile.Profile) ([]byte, error) {
	q := *p
	q.Mounts, q.Sockets, q.Ports, q.Home.Disk, q.Lima.SSHPort = nil, nil, nil, 0, 0
	v, err := newLimaView(&q, nil)
	if err != nil {
		return nil, err
	}
	f, err := render("lima/image.yaml", "lima/instance.yaml.tmpl", v)
	return f.Data, err
}
