package generate

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Made says of each name below generated/ from which profile's file it was made:
// what is there to be run while the profile itself does not load, or since it got
// another name. It reads every manifest there, so ask once for a directory.
func Made(base string) (map[string]string, error) {
	dirs, err := os.ReadDir(filepath.Join(base, "generated"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	profiles := map[string]string{}
	for _, d := range dirs {
		root, err := os.OpenRoot(filepath.Join(base, "generated", d.Name()))
		if err != nil {
			continue
		}
		if m, err := readManifest(root); err == nil && m.Profile != "" {
			profiles[d.Name()] = m.Profile
		}
		root.Close()
	}
	return profiles, nil
}
