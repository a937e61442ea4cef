package generate

import (
	"fmt"
	"path"

	"vmloom/profile"
	"vmloom/quote"
)

// secretView is how a secret gets from the host into the guest's memory.
type secretView struct {
	hostPath        // of the file
	Command  string // instead of one
	Dir      string // in the guest
	Store    string // the guest's command that takes it from its stdin
	Missing  string // succeeds in a guest that is up and has none
	Refused  string // what to say of what is none
}

// secretsView is what a script brings into the guest beside its forwards.
type secretsView struct {
	Token, EnvFile      *secretView  // nil: none
	Keyring             *keyringView // which is no secret
	Brings              bool         // there is something
	SecretJob, TokenJob bool         // some is looked after while the VM runs; the token is
}

func newSecrets(p *profile.Profile) (v secretsView, err error) {
	if v.Token, err = newToken(p); err != nil {
		return v, err
	}
	if v.EnvFile, err = newEnvFile(p); err != nil {
		return v, err
	}
	v.Keyring, err = newKeyring(p)
	v.Brings = v.Token != nil || v.EnvFile != nil || v.Keyring != nil
	v.SecretJob, v.TokenJob = len(p.SecretFiles()) > 0, p.OnePassword.TokenFile != ""
	return v, err
}

// storeSecret writes stdin to a file that only the user may read, once it is sure
// that the directory is in memory; %[1]s is the file's name.
const storeSecret = `umask 077; [ "$(stat -f -c %%T "$0")" = tmpfs ] || { echo "$0: no directory in memory" >&2; exit 1; }; ` +
	`cat >"$0/%[1]s.new" && [ -s "$0/%[1]s.new" ] && mv -f "$0/%[1]s.new" "$0/%[1]s"`

// newSecret is for a file of the host that becomes the one of the guest.
func newSecret(file, inGuest string) (*secretView, error) {
	dir, name := path.Dir(inGuest), path.Base(inGuest)
	store, err := quote.Sh(fmt.Sprintf(storeSecret, name))
	if err != nil {
		return nil, err
	}
	missing, err := quote.Sh(`[ -w "$0" ] && [ ! -s "$0/` + name + `" ]`)
	// A shell of its own, since the user's may be fish.
	return &secretView{hostPath: newHostPath(file), Dir: dir, Store: "sh -c " + store + " " + dir, Missing: "sh -c " + missing + " " + dir}, err
}

// newEnvFile is nil where the profile names no file of variables.
func newEnvFile(p *profile.Profile) (*secretView, error) {
	if p.Guest.EnvFile == "" {
		return nil, nil
	}
	v, err := newSecret(p.Guest.EnvFile, profile.EnvPath)
	if err != nil {
		return nil, err
	}
	v.Refused = "guest.envFile: " + p.Guest.EnvFile + ": "
	return v, nil
}

// secretDirs are the directories of the guest's secrets, in memory.
// Under QEMU each is a file system of its own.
func secretDirs(p *profile.Profile) (dirs []string) {
	if p.HasToken() {
		dirs = append(dirs, profile.TokenDir)
	}
	if p.Guest.EnvFile != "" {
		dirs = append(dirs, profile.EnvDir)
	}
	return dirs
}

// envFileLine sets the variables of guest.envFile in a shell of the Bourne family, where they are there. No shell
// evaluates them: export takes NAME=VALUE as one word.
func envFileLine() string {
	return fmt.Sprintf(`[ ! -r %[1]s ] || { while IFS= read -r vmloom_line; do export "$vmloom_line"; done <%[1]s; unset vmloom_line; }`, profile.EnvPath) + "\n"
}

// secretsOf names what the files of the host bring, with its verb.
func secretsOf(p *profile.Profile) (what, verb string) {
	switch {
	case p.Guest.EnvFile == "":
		return "the token of 1Password", "is"
	case p.OnePassword.TokenFile == "":
		return "the variables of guest.envFile", "are"
	}
	return "the token of 1Password and the variables of guest.envFile", "are"
}

// envFileChapter says how variables come from a file of the host.
func envFileChapter(p *profile.Profile) (chapter, error) {
	c := chapter{Title: "Variables from a file of the host"}
	file := p.Guest.EnvFile
	if file == "" {
		return c, nil
	}
	place, err := secretPlace(file, "write lines NAME=VALUE, then Ctrl-D")
	if err != nil {
		return c, err
	}
	c.Parts = append(c.Parts,
		paragraph("Login shells of the guest have the variables of %s on the host. Make it for yourself alone:", file),
		run(place...),
		paragraph("Each line is %s, taken as it stands to its end; empty lines and comments (%s) are skipped, and so are %s in front and quotes around a value. Where %s of the profile sets the same name, the file wins.", "NAME=VALUE", "#", "export", "guest.env"),
		paragraph("The scripts write them by ssh into the guest's memory, %s, where you alone may read them. They are in no file of this set-up, in no argument and in no log, and are gone when the VM stops. After a change of the file:", profile.EnvPath),
		run("./scripts/"+p.Name+"-repair.sh"))
	return c, nil
}
