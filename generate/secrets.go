package generate

import (
	"bytes"

	"vmloom/pattern"
)

// plainRun is a part of a secret that stands in every language as it is.
var plainRun = pattern.New(`[A-Za-z0-9_]{6,}`)

// seal makes files that hold a secret readable for their owner alone. One that has
// no part which no language would quote may be in any of them.
func seal(files []File, secrets []string) {
	for _, secret := range secrets {
		part := []byte(plainRun().FindString(secret))
		for i := range files {
			if bytes.Contains(files[i].Data, part) {
				files[i].Mode &= 0o700
			}
		}
	}
}
