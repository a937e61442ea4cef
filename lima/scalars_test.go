package lima

import (
	"testing"

	"go.yaml.in/yaml/v4"
)

// TestAsText holds what a scalar is read as to what limactl template copy --fill made
// of it in env.
func TestAsText(t *testing.T) {
	for text, want := range map[string]string{
		"1.50": "1.5", "010": "8", "0x10": "16", "1_000": "1000", "1e3": "1e3", "TRUE": "true", "True": "true", "yes": "yes", "2026-01-01": "2026-01-01",
		".5": "0.5", "0644": "420", "+5": "5", "1.0": "1", "12345678901234567890123": "12345678901234567890123", "-0": "0", "1:30": "1:30", ".inf": "+Inf",
		"0o17": "15", "0b11": "3", "5": "5", "1.5e3": "1500", "1e-3": "1e-3", ".nan": "NaN", "-.inf": "-Inf", "08": "08", "1__0": "10", "0X1F": "0X1F",
		"100000000000.5": "1.000000000005e+11", "1.": "1", "-0x10": "-16", "00": "0", "09.5": "9.5", "-010": "-8", "18446744073709551615": "18446744073709551615",
		"1.2.3": "1.2.3", "~/x": "~/x", `"010"`: "010", `'1.50'`: "1.50", `"TRUE"`: "TRUE",
	} {
		var doc yaml.Node
		if err := yaml.Load([]byte("a: "+text+"\n"), &doc); err != nil {
			t.Fatal(err)
		}
		if got := asText(doc.Content[0].Content[1]); got != want {
			t.Errorf("%s: %s, not %s", text, got, want)
		}
	}
}
