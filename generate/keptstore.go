package generate

import (
	"strings"

	"vmloom/profile"
)

// keptView is how the store of a NixOS guest outlives a rebuild: a binary cache on the home's disk, of plain files,
// which any nix reads, also where nothing can be written.
type keptView struct {
	Dir, Mount    string // the cache in the guest, and where the home's disk is mounted
	Below         string // the cache on that disk
	Label         string // of the home
	Store         string // the cache to nix, where the disk is mounted for the first switch
	Script, First string // what is run as root in the guest: before a rebuild, and before a switch
}

// newKept is nil where nothing is kept.
func newKept(p *profile.Profile) (*keptView, error) {
	if !p.Nix.KeepStore {
		return nil, nil
	}
	k := &keptView{Dir: p.KeptStore(), Mount: p.HomeMount(), Label: p.HomeLabel()}
	k.Below = strings.TrimPrefix(k.Dir, k.Mount)
	k.Store = keptStore("/run/vmloom-kept" + k.Below)
	var err error
	if k.Script, err = text("nix/keep-store.sh.tmpl", k); err != nil {
		return nil, err
	}
	k.First, err = text("nix/first-store.sh.tmpl", k)
	return k, err
}
