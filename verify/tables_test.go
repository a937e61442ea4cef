package verify

import (
	"reflect"
	"testing"

	"vmloom/profile"
)

// TestRunners: every runner has its row, and all of it.
func TestRunners(t *testing.T) {
	for _, r := range profile.Runners() {
		row := reflect.ValueOf(runners()[r.Name])
		for i := range row.NumField() {
			if row.Field(i).IsZero() {
				t.Errorf("runner %s: has no %s", r.Name, row.Type().Field(i).Name)
			}
		}
	}
}
