package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// gomplate has it write the files of n profiles too: those that gen made, with the name of each looked up in one
// context, which is all that is left to compute. Delimiters are its own: the files have braces.
func (b bed) gomplate(gomplate, profiles string, n int) (cost, error) {
	texts := filepath.Join(b.dir, "gomplate")
	names := map[string]string{}
	for i := range n {
		name, key := fmt.Sprintf("vm-%05d", i), fmt.Sprintf("n%d", i)
		names[key] = name
		from := filepath.Dir(profileFile(profiles, i))
		err := each(from, func(file string) error {
			data, err := content(filepath.Join(from, file), nil)
			if err != nil {
				return err
			}
			to := filepath.Join(texts, fmt.Sprintf("%05d", i), file)
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				return err
			}
			return os.WriteFile(to, []byte(strings.ReplaceAll(string(data), name, "<%= ."+key+" =%>")), 0o644)
		})
		if err != nil {
			return cost{}, err
		}
	}
	data, err := json.Marshal(names)
	if err != nil {
		return cost{}, err
	}
	context := filepath.Join(b.dir, "names.json")
	if err := os.WriteFile(context, data, 0o644); err != nil {
		return cost{}, err
	}
	return process(gomplate, "--left-delim", "<%=", "--right-delim", "=%>", "--context", ".="+context,
		"--input-dir", texts, "--output-dir", filepath.Join(b.dir, "gomplated"))
}
