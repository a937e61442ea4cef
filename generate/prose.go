package generate

import "strings"

// part is a paragraph or a code block.
type part struct {
	Prose      prose
	Info, Code string
}

// prose is text in which names, paths and commands stand as code.
type prose []span

// span is a piece of prose; blanks are pieces of their own, since quoted text has
// none at its ends.
type span struct {
	Text, Code string
	Blank      bool
}

// say writes a paragraph; each %s of the format becomes a code span.
func say(format string, code ...string) prose {
	var out prose
	for i, text := range strings.Split(format, "%s") {
		if i > 0 {
			out = append(out, span{Code: code[i-1]})
		}
		if strings.HasPrefix(text, " ") {
			out = append(out, span{Blank: true})
		}
		if trimmed := strings.Trim(text, " "); trimmed != "" {
			out = append(out, span{Text: trimmed})
			if strings.HasSuffix(text, " ") {
				out = append(out, span{Blank: true})
			}
		}
	}
	return out
}

func paragraph(format string, code ...string) part { return part{Prose: say(format, code...)} }

func run(lines ...string) part { return part{Info: "sh", Code: strings.Join(lines, "\n") + "\n"} }
