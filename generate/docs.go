package generate

import "vmloom/profile"

func docsFiles(p *profile.Profile) ([]File, error) {
	f, err := render("docs/"+p.Name+".md", "docs/guide.md.tmpl", nil)
	return []File{f}, err
}
