package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// completeFlag is what urfave/cli answers with the words that may follow.
const completeFlag = "--generate-bash-completion"

// completions are what a shell reads to complete vmloom's commands and flags,
// and files where neither fits.
var completions = map[string]string{
	"bash": `_vmloom() {
  local word=${COMP_WORDS[COMP_CWORD]} words=("${COMP_WORDS[@]:1:COMP_CWORD-1}")
  case $word in
  -*) words+=("$word") ;;
  esac
  local IFS=$'\n'
  COMPREPLY=($(compgen -W "$(vmloom "${words[@]}" ` + completeFlag + ` 2>/dev/null)" -- "$word"))
}
complete -o default -o bashdefault -F _vmloom vmloom
`,
	"zsh": `#compdef vmloom
_vmloom() {
  local -a found given
  given=("${(@)words[2,CURRENT-1]}")
  [[ $words[CURRENT] == -* ]] && given+=("$words[CURRENT]")
  found=("${(@f)$(env 0=zsh vmloom "${given[@]}" ` + completeFlag + ` 2>/dev/null)}")
  if [[ -n $found[1] ]]; then _describe vmloom found; fi
  _files
}
compdef _vmloom vmloom
`,
	"fish": `function __vmloom
  set -l given (commandline -opc)[2..]
  set -l word (commandline -ct)
  string match -q -- '-*' $word; and set -a given $word
  env 0=zsh vmloom $given ` + completeFlag + ` 2>/dev/null | string replace ':' \t
end
complete -c vmloom -a '(__vmloom)'
`,
}

func completionCmd(u *ui) *cli.Command {
	shells := slices.Sorted(maps.Keys(completions))
	return &cli.Command{
		Name:      "completion",
		Usage:     "print what a shell needs to complete vmloom: " + strings.Join(shells, ", "),
		ArgsUsage: "SHELL",
		Action: func(c *cli.Context) error {
			text, ok := completions[c.Args().First()]
			if !ok {
				return usage("shell "+c.Args().First()+": unknown", "vmloom completion "+strings.Join(shells, " | "))
			}
			_, err := fmt.Fprint(u.out, text)
			return err
		},
	}
}
