package tooltest

import "strings"

// window is how much is kept where no test is named, and of a panic, which has a stack of every goroutine.
const window = 60

// unpassed keeps, of what tests said with -test.v, the lines of those that failed or were skipped, for the others' are
// thousands; and a panic. Where nothing is named the last lines are kept.
func unpassed(said string) string {
	lines := strings.SplitAfter(said, "\n")
	named := map[string]bool{}
	for _, line := range lines {
		if name, ok := verdict(line, "FAIL", "SKIP"); ok {
			named[name] = true
		}
	}
	silent := len(named) == 0 && !strings.Contains("\n"+said, "\npanic: ")
	until := 0 // all lines before it are kept
	var kept strings.Builder
	name := ""
	for i, line := range lines {
		if strings.HasPrefix(line, "panic: ") || silent && i == max(0, len(lines)-window) {
			until = i + window
		}
		if mark, of, _ := strings.Cut(line, " "); mark == "===" {
			_, name, _ = strings.Cut(strings.TrimSpace(of), " ")
			name = strings.TrimSpace(name)
			continue
		}
		if of, ok := verdict(line, "PASS", "FAIL", "SKIP"); ok {
			name = of
		}
		if named[name] || i < until {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// verdict is the test that a line says the end of, if it is one of words.
func verdict(line string, words ...string) (name string, ok bool) {
	for _, word := range words {
		if of, is := strings.CutPrefix(strings.TrimLeft(line, " "), "--- "+word+": "); is {
			name, _, _ = strings.Cut(of, " ")
			return name, true
		}
	}
	return "", false
}
