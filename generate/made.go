package generate

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Made are the names below generated/ whose files were made from the profile's
// file, sorted: what is there to be run while the profile itself does not load.
func Made(base, profile string) ([]string, error) {
	dirs, err := os.ReadDir(filepath.Join(base, "generated"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, d := range dirs {
		root, err := os.OpenRoot(filepath.Join(base, "generated", d.Name()))
		if err != nil {
			continue
		}
		if m, err := readManifest(root); err == nil && m.Profile == profile {
			names = append(names, d.Name())
		}
		root.Close()
	}
	return names, nil
}
