package generate

import (
	"io/fs"
	"os"
	"path"
)

// Former are the directories below generated/, relative to base, that hold files
// of the profile from when it had another name. Nothing removes them: scripts
// there may still be needed to destroy the VM of that name.
func Former(base, name, profile string) (dirs []string) {
	root, err := os.OpenRoot(base)
	if err != nil {
		return nil
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), "generated")
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if !e.IsDir() || e.Name() == name {
			continue
		}
		dir, err := root.OpenRoot(path.Join("generated", e.Name()))
		if err != nil {
			continue
		}
		if m, err := readManifest(dir); err == nil && m.Profile == profile {
			dirs = append(dirs, path.Join("generated", e.Name()))
		}
		dir.Close()
	}
	return dirs
}
