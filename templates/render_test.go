package templates

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestShippedTemplatesLoad(t *testing.T) {
	for _, name := range Names() {
		if _, err := Load(shipped, name); err != nil {
			t.Error(err)
		}
	}
}

func TestRenderUnknown(t *testing.T) {
	_, err := Render("lima/gone.yaml.tmpl", nil)
	if err == nil || err.Error() != "lima/gone.yaml.tmpl: no such template" {
		t.Error(err)
	}
}

func TestExecute(t *testing.T) {
	fsys := fstest.MapFS{
		"d/x.sh.tmpl":     {Data: []byte("#!/bin/sh\n{{ template \"_part.sh.tmpl\" . }} {{ sh .Y }}\n")},
		"d/_part.sh.tmpl": {Data: []byte(`echo {{ sh (printf "%s-vm" .X) }}`)},
	}
	for _, tt := range []struct {
		data any
		want string
	}{
		{map[string]string{"X": "a b", "Y": "c"}, "#!/bin/sh\necho 'a b-vm' c\n"},
		{map[string]string{"X": "a", "Y": "c\x00"}, "d/x.sh.tmpl:2:36: <sh .Y>: sh: NUL byte at offset 1"},
		{map[string]string{"X": "a\x00"}, "d/_part.sh.tmpl:1:8: <sh (printf \"%s-vm\" .X)>: sh: NUL byte at offset 1"},
		{map[string]string{"X": "a"}, `d/x.sh.tmpl:2:39: <.Y>: map has no entry for key "Y"`},
	} {
		tmpl, err := Load(fsys, "d/x.sh.tmpl")
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		got := ""
		if err := tmpl.Execute(&b, tt.data); err != nil {
			got = readable(err).Error()
		} else {
			got = b.String()
		}
		if got != tt.want {
			t.Errorf("got  %q\nwant %q", got, tt.want)
		}
	}
}
