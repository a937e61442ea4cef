package flake

import (
	"strings"

	"vmloom/pattern"
)

// Path is a path that a Nix file names.
type Path struct {
	// Text as the file has it; of one with a variable part, the directory before that.
	Text string
	Line int
	// By is the function before it, such as import or pathExists; empty: none.
	By string
}

var (
	pathOrName = pattern.New(`^~?[a-zA-Z0-9._+-]*(/[a-zA-Z0-9._+-]+)+/?|^[a-zA-Z0-9._'-]+`)
	uri        = pattern.New(`^[a-zA-Z][a-zA-Z0-9+.-]*:[a-zA-Z0-9%/?:@&=+$,_.!~*'-]+`)
	plus       = pattern.New(`^\s*\+\s*"(/[^"$\\]*)"`)
)

// Paths are those that a Nix file names outside of comments and strings.
func Paths(src string) []Path {
	s := scanner{src: src, line: 1}
	for s.at < len(s.src) {
		s.code()
	}
	return s.out
}

// scanner reads Nix as far as it takes to tell paths from strings and comments.
type scanner struct {
	src      string
	at, line int
	by       string   // the name before
	open     []string // what a closing brace goes back to: a string's end, or "" for code
	out      []Path
}

func (s *scanner) has(text string) bool { return strings.HasPrefix(s.src[s.at:], text) }

func (s *scanner) skip(n int) {
	n = min(n, len(s.src)-s.at)
	s.line += strings.Count(s.src[s.at:s.at+n], "\n")
	s.at += n
}

// until goes on behind the next end, or to the end of the file.
func (s *scanner) until(end string) {
	n := strings.Index(s.src[s.at:], end)
	if n < 0 {
		n = len(s.src)
	}
	s.skip(n + len(end))
}

// code reads one thing outside of strings.
func (s *scanner) code() {
	rest := s.src[s.at:]
	switch {
	case s.has("#"):
		s.until("\n")
	case s.has("/*"):
		s.until("*/")
	case s.has("<"): // <nixpkgs/nixos>, or less than
		if n := strings.IndexAny(rest, "> \n"); n > 0 && rest[n] == '>' {
			s.skip(n)
		}
		s.skip(1)
	case s.has("//"):
		s.skip(2)
	case s.has(`"`):
		s.skip(1)
		s.text(`"`)
	case s.has("''"):
		s.skip(2)
		s.text("''")
	case s.has("{"):
		s.open = append(s.open, "")
		s.skip(1)
	case s.has("}"):
		s.skip(1)
		if n := len(s.open); n > 0 {
			back := s.open[n-1]
			if s.open = s.open[:n-1]; back != "" {
				s.text(back)
			}
		}
	case uri().MatchString(rest):
		s.skip(len(uri().FindString(rest)))
		s.by = ""
	default:
		s.word(pathOrName().FindString(rest))
	}
}

// word reads a path, a name, or a character that is neither.
func (s *scanner) word(text string) {
	if text == "" {
		if c := s.src[s.at]; c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '(' {
			s.by = ""
		}
		s.skip(1)
		return
	}
	line := s.line
	s.skip(len(text))
	if !strings.Contains(text, "/") {
		s.by = text[strings.LastIndexByte(text, '.')+1:]
		return
	}
	if s.has("${") { // ./modules/${name}.nix
		text = text[:strings.LastIndexByte(text, '/')+1]
	} else if m := plus().FindStringSubmatch(s.src[s.at:]); m != nil {
		s.skip(len(m[0]))
		text += m[1]
	}
	s.out = append(s.out, Path{strings.TrimSuffix(text, "/"), line, s.by})
	s.by = ""
}

// text reads on in a string, to its end or to an antiquotation.
func (s *scanner) text(end string) {
	for s.at < len(s.src) {
		switch {
		case end == `"` && s.has(`\`), s.has("$$"):
			s.skip(2)
		case end == "''" && (s.has("'''") || s.has("''$")):
			s.skip(3)
		case end == "''" && s.has(`''\`):
			s.skip(4)
		case s.has("${"):
			s.skip(2)
			s.open = append(s.open, end)
			return
		case s.has(end):
			s.skip(len(end))
			s.by = ""
			return
		default:
			s.skip(1)
		}
	}
}
