package generate

import (
	"fmt"
	"strings"

	"vmloom/profile"
	"vmloom/templates/quote"
)

func packageChapter(p *profile.Profile) (chapter, error) {
	return chapter{Title: "Install a package", Parts: []part{
		paragraph("For a try, in the guest; it is gone with the next rebuild:"),
		run("./scripts/" + p.Name + "-ssh.sh guix install hello"),
		paragraph("For good: add its name to %s in %s, say %s, and [rebuild](#update-the-system).", "guest.packages", p.File(), "vmloom gen"),
	}}, nil
}

func updateChapter(p *profile.Profile) (chapter, error) {
	keeps := paragraph("The home, on its own disk, stays; everything else is made anew. The old system goes only when the new image is there. It asks first, or takes %s.", "--yes")
	command := "rebuild"
	if p.Home.Disk == 0 {
		keeps = paragraph("The home is on the system's disk and is lost, so the script wants %s. It asks first, or takes %s.", "--purge-home", "--yes")
		command = "rebuild.sh --purge-home"
	}
	return chapter{Title: "Update the system", Parts: []part{
		paragraph("A changed profile or moved channels reach the VM by a rebuild:"),
		run(strings.TrimSuffix("./scripts/"+p.Name+"-"+strings.TrimSuffix(command, ".sh"), ".sh") + map[bool]string{true: ".sh", false: ""}[command == "rebuild"]),
		keeps,
	}}, nil
}
