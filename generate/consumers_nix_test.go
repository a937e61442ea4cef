package generate_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// consumeNix has the real parser read a file. What the flake evaluates to is
// for the tests of the Nix target.
func consumeNix(t *testing.T, a artefact) {
	t.Run("nix-instantiate", func(t *testing.T) {
		cmd := exec.Command(tooltest.Need(t, "nix-instantiate"), "--parse", filepath.Join(a.dir, a.path))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

// consumeScheme has Guile's reader read a file. What Guix makes of it is for the
// tests of the Guix target.
func consumeScheme(t *testing.T, a artefact) {
	t.Run("guile", func(t *testing.T) {
		// #~, #$ and #+ are Guix's own, for G-expressions.
		const read = `(for-each (lambda (c) (read-hash-extend c (lambda (c p)
			(if (eqv? (peek-char p) #\@) (read-char p)) (list 'gexp (read p))))) '(#\~ #\$ #\+))
			(call-with-input-file (cadr (command-line)) (lambda (p) (let loop () (unless (eof-object? (read p)) (loop)))))`
		cmd := exec.Command(tooltest.Need(t, "guile"), "--no-auto-compile", "-c", read, filepath.Join(a.dir, a.path))
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

// flattenScheme gives the lines of a file with its strings read.
func flattenScheme(data string) (out []string, err error) {
	var line strings.Builder
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == ';':
			i += strings.IndexByte(data[i:], '\n') - 1
		case c == '"':
			for i++; i < len(data) && data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
					if data[i] == 'n' {
						line.WriteByte('\n')
						continue
					}
				}
				line.WriteByte(data[i])
			}
			if i == len(data) {
				return nil, fmt.Errorf("string is not closed")
			}
		case c == '\n':
			out = append(out, "scheme "+strings.TrimSpace(line.String()))
			line.Reset()
		default:
			line.WriteByte(c)
		}
	}
	return out, nil
}
