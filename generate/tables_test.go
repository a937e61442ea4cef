package generate

import (
	"reflect"
	"testing"

	"vmloom/profile"
)

// complete reports the attributes that a row of a table lacks.
func complete(t *testing.T, name string, row any) {
	t.Helper()
	v := reflect.ValueOf(row)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("%s: has no %s", name, v.Type().Field(i).Name)
		}
	}
}

// TestTables: every runner and every guest of Lima's has its row, and all of it.
func TestTables(t *testing.T) {
	for _, r := range profile.Runners() {
		complete(t, "runner "+r.Name, runners()[r.Name])
	}
	for _, s := range profile.Systems() {
		if unbuilt[s.SetUp] == "" {
			t.Errorf("%s: starts from nothing", s.Name)
		}
		if guestWays[s.SetUp] == nil {
			t.Errorf("%s: no words of how its guest goes on without vmloom", s.Name)
		}
		if s.Runner == "lima" {
			if s.SetUp == profile.ByCloudInit {
				complete(t, s.Name+", packages by "+s.Manager.Title, installers[s.Manager.Column])
			}
			complete(t, s.Name+", by "+string(s.SetUp), setUps()[s.SetUp])
		}
	}
}
