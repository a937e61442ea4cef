package profile

// Sweep is a thing in a guest that takes room and that nobody misses. It runs as root.
type Sweep struct {
	// What goes, in words that stand in a plan; Short, in a row of status.
	What, Short string
	// Size prints how much that is, in KiB; empty: it cannot be known before. Every user may ask.
	Size string
	// Dead prints how much of a store nothing needs any more, in KiB, and takes up to a minute and root: clean alone
	// asks. Where it prints nothing, nobody knows. What goes with old generations comes on top.
	Dead string
	// Count prints how many of them there are; empty: they are not counted.
	Count string
	// Run lets it go.
	Run string
}

// What is older than this goes: a way back of two weeks stays.
const (
	keptDays = "14d"
	keptFor  = "14 days"
	// olderThan is a test of find's, which counts whole days.
	olderThan = "-mtime +13"

	oldGenerations = "generations older than " + keptFor + ", and what of the store nothing else needs: there is no way back to them then"
)

var (
	aptSweep = Sweep{
		What: "packages that apt has downloaded and installed", Short: "apt's downloads",
		Size: `du -sk /var/cache/apt/archives 2>/dev/null | cut -f 1`,
		Run:  `apt-get clean`,
	}
	dnfSweep = Sweep{
		What: "what dnf has downloaded, its lists included", Short: "dnf's downloads",
		Size: `du -skc /var/cache/dnf /var/cache/libdnf5 2>/dev/null | tail -n 1 | cut -f 1`,
		Run:  `dnf clean all`,
	}
	// The boot menu names generations: it is written anew from the newest, which may wait for the next boot.
	// Of the old ones nix keeps the newest, which ran two weeks ago. What only they need, nix finds as they go.
	nixSweep = Sweep{
		What: oldGenerations, Short: "old generations", Dead: deadOf(`nix-store --gc --print-dead`),
		Count: `n=$(find /nix/var/nix/profiles -maxdepth 1 -name 'system-*-link' ` + olderThan + ` | wc -l); echo $((n > 0 ? n - 1 : 0))`,
		Run:   `nix-collect-garbage --delete-older-than ` + keptDays + ` && /nix/var/nix/profiles/system/bin/switch-to-configuration boot`,
	}
	guixSweep = Sweep{
		What: oldGenerations, Short: "old generations", Dead: deadOf(`guix gc --list-dead`),
		Count: `find /var/guix/profiles -maxdepth 1 -name 'system-*-link' ! -name "$(readlink /var/guix/profiles/system)" ` + olderThan + ` | wc -l`,
		Run:   `guix system delete-generations ` + keptDays + ` && guix gc`,
	}
	journalSweep = Sweep{
		What: "the journal's entries older than " + keptFor, Short: "old journal",
		Size: `find /var/log/journal /run/log/journal -name '*@*' ` + olderThan + ` -exec du -kc {} + 2>/dev/null | tail -n 1 | cut -f 1`,
		Run:  `journalctl --vacuum-time=` + keptDays,
	}
	// A disk of the host is a file with holes: it shrinks by what the guest gives back.
	trimSweep = Sweep{
		What: "free blocks, which the host's file still has", Short: "free blocks",
		Run: `fstrim -av`,
	}
)

// deadOf measures what a command lists, which deletes nothing. A list that was cut short is none.
func deadOf(list string) string {
	return `l=$(timeout 60 ` + list + ` 2>/dev/null) && printf '%s\n' "$l" | sed -n 's,^/[^ ]*$,&,p' | xargs -r du -sk 2>/dev/null | awk '{ n += $1 } END { print n + 0 }'`
}

// generationsIn lists what a directory of profiles has of a system; the one that runs may be older than the newest.
func generationsIn(dir string) string {
	return `for g in ` + dir + `/system-*-link; do [ -L "$g" ] || continue; n=${g##*/system-}; c=; ` +
		`[ "$(readlink -f "$g")" != "$(readlink -f /run/current-system)" ] || c=current; ` +
		`echo "${n%-link} $(stat -c %y "$g" | cut -d . -f 1) $c"; done | sort -n`
}
