package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/atomic"
	"vmloom/host"
)

// shell is one whose command line vmloom completes.
type shell struct {
	// script is what it reads.
	script string
	// file is where it finds that by itself.
	file func(host.Layout) string
	// then is what the user may have to add, and where, for the shell to look there.
	then func(file string) string
}

// completions are the shells by name. Each asks completeVerb, which runs
// nothing, and offers files where that has no answer.
var completions = map[string]shell{
	"bash": {bashScript, func(l host.Layout) string {
		return filepath.Join(dataHome(l), "bash-completion", "completions", "vmloom")
	}, func(file string) string {
		return "where the package bash-completion is not installed, add to ~/.bashrc: . " + file
	}},
	"fish": {fishScript, func(l host.Layout) string {
		return filepath.Join(l.Config, "fish", "completions", "vmloom.fish")
	}, func(string) string { return "" }},
	"zsh": {zshScript, func(l host.Layout) string {
		return filepath.Join(dataHome(l), "zsh", "site-functions", "_vmloom")
	}, func(file string) string {
		return "add to ~/.zshrc, before compinit: fpath+=(" + filepath.Dir(file) + ")"
	}},
}

// bash splits words at : and = too, so that the line is split here once more,
// and what stands before the last of them is taken off the answers.
const bashScript = `_vmloom() {
  local line=${COMP_LINE:0:COMP_POINT} word found IFS=$' \t\n'
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  word=${words[${#words[@]}-1]}
  COMPREPLY=()
  while IFS=$'\t' read -r found _; do
    [[ $word == *[:=]* && $COMP_WORDBREAKS == *[:=]* ]] && found=${found#"${word%"${word##*[:=]}"}"}
    COMPREPLY+=("$found")
  done < <(vmloom ` + completeVerb + ` -- "${words[@]:1}" 2>/dev/null)
  case ${COMPREPLY[0]} in
  */ | *: | ssh://) compopt -o nospace 2>/dev/null ;;
  esac
}
complete -o default -o bashdefault -F _vmloom vmloom
`

const zshScript = `#compdef vmloom
_vmloom() {
  local line
  local -a found
  for line in "${(@f)$(vmloom ` + completeVerb + ` -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  if (( $#found )); then _describe vmloom found; else _files; fi
}
if [ "$funcstack[1]" = _vmloom ]; then _vmloom "$@"; else compdef _vmloom vmloom; fi
`

const fishScript = `function __vmloom
  set -l given (commandline -opc)[2..]
  vmloom ` + completeVerb + ` -- $given (commandline -ct) 2>/dev/null
end
complete -c vmloom -a '(__vmloom)'
`

func completionCmd(u *ui) *cli.Command {
	shells := strings.Join(slices.Sorted(maps.Keys(completions)), ", ")
	return &cli.Command{
		Name:      "completion",
		Usage:     "print what a shell needs to complete vmloom: " + shells,
		ArgsUsage: "[SHELL]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "install", Usage: "write it where the shell looks for it, instead of printing it"},
		},
		Action: func(c *cli.Context) error {
			name := c.Args().First()
			if name == "" {
				name = filepath.Base(os.Getenv("SHELL"))
			}
			s, ok := completions[name]
			switch {
			case !ok && c.Args().Present():
				return usage("shell "+name+": unknown", "vmloom completion bash | fish | zsh")
			case !ok:
				return usage("completion: which shell?", "vmloom completion bash | fish | zsh")
			case c.Bool("install"):
				return u.installCompletion(s)
			}
			_, err := fmt.Fprint(u.data, s.script)
			return err
		},
	}
}

// installCompletion writes the shell's own file. One that is not vmloom's is left alone.
func (u *ui) installCompletion(s shell) error {
	layout, err := hostLayout()
	if err != nil {
		return err
	}
	file := s.file(layout)
	switch old, err := atomic.Read(file, atomic.Most); {
	case err == nil && !strings.Contains(string(old), completeVerb):
		return hinted(fmt.Errorf("%s: was not made by vmloom", file), "set it aside, and run this again")
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if err := atomic.ReplaceFile(file, []byte(s.script), atomic.How{Mode: 0o644}); err != nil {
		return err
	}
	u.result(file)
	u.suggest(s.then(file), "new shells complete vmloom; to undo it: rm %s", file)
	return nil
}

// dataHome is where programs of the user's own keep what they bring.
func dataHome(l host.Layout) string {
	return xdg("XDG_DATA_HOME", filepath.Join(l.Home, ".local", "share"))
}
