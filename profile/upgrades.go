package profile

import "slices"

// Upgrade brings a guest to a newer release of its system in place.
type Upgrade struct {
	// By names the tool that its makers have for it.
	By string
	// Run are lines of sh, as root, with $release and $code of the one that is wanted and $prompt, and the guest's own
	// ID, VERSION_ID and VERSION_CODENAME. Begun again, it goes on. Status 3: the guest must restart first.
	Run string
	// Reboot has the guest do the rest in a boot of its own, and come back; empty: Run does it all.
	Reboot string
	// Steps is how many releases it may go at once.
	Steps int
}

// What the user has changed below /etc stays, and nothing asks.
const aptForRelease = `set -eu
export DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none NEEDRESTART_SUSPEND=1
get() {
  apt-get -y -o DPkg::Lock::Timeout=600 -o APT::Update::Error-Mode=any \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}
dpkg --configure -a
get -f install
if [ "$VERSION_ID" = "$release" ]; then # one that was cut off
  get full-upgrade
  exit 0
fi
`

var (
	debianUpgrade = Upgrade{By: "apt", Steps: 1, Run: aptForRelease + `old=$VERSION_CODENAME
sources='/etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources'
begun=no
for file in $sources; do
  [ ! -f "$file.before-$code" ] || begun=yes
done
if [ $begun = no ]; then
  get update
  get full-upgrade
fi
for file in $sources; do
  [ -f "$file" ] || continue
  if [ ! -f "$file.before-$code" ]; then # whole, or not there
    cp -p "$file" "$file.before-$code.new"
    mv -f "$file.before-$code.new" "$file.before-$code"
  fi
  sed -i "s/\b$old\b/$code/g" "$file"
done
if ! get update; then
  [ ! -f "packages-$code" ] || exit 1 # what is half upgraded needs the new ones
  for file in $sources; do
    [ ! -f "$file.before-$code" ] || mv -f "$file.before-$code" "$file"
  done
  echo "vmloom: a package source has nothing for $code, or cannot be reached: all are as they were"
  exit 1
fi
: >"packages-$code"
get upgrade --without-new-pkgs
get full-upgrade
rm -f "packages-$code"
`}
	ubuntuUpgrade = Upgrade{By: "do-release-upgrade", Steps: 1, Run: aptForRelease + `get update
get full-upgrade
get install ubuntu-release-upgrader-core
[ ! -f /run/reboot-required ] || exit 3
sed -i "s/^Prompt=.*/Prompt=$prompt/" /etc/update-manager/release-upgrades
offer=$(do-release-upgrade -c) || true
case $offer in
*"'$release"*) ;;
*)
  echo "vmloom: do-release-upgrade does not offer $release: ${offer:-nothing}"
  exit 1
  ;;
esac
do-release-upgrade -f DistUpgradeViewNonInteractive
`}
	fedoraUpgrade = Upgrade{By: "dnf system-upgrade", Steps: 2, Run: `set -eu
[ "$VERSION_ID" != "$release" ] || exit 0
dnf -y upgrade --refresh
dnf -y system-upgrade --help >/dev/null 2>&1 || dnf -y install dnf-plugin-system-upgrade
dnf -y system-upgrade download --releasever="$release"
`, Reboot: `dnf -y system-upgrade reboot`}
)

// UpgradesFrom are the releases from which a guest can come to another in place, by what its makers support: the ones
// before it, and to one that is supported for years the last such.
func (s System) UpgradesFrom(release string) (from []string) {
	at := slices.IndexFunc(s.Releases, func(r Release) bool { return r.Name == release })
	if at < 0 || s.Releases[at].Ended != "" { // its packages are where no tool looks
		return nil
	}
	for i := at - 1; i >= 0 && i >= at-s.Upgrade.Steps; i-- {
		from = append(from, s.Releases[i].Name)
	}
	for i := at - 1; i >= 0 && s.Releases[at].Long; i-- {
		if s.Releases[i].Long {
			if !slices.Contains(from, s.Releases[i].Name) {
				from = append(from, s.Releases[i].Name)
			}
			break
		}
	}
	return from
}

// UpgradeVia is the first release on the way from one to another, that other itself where it is but one step; empty:
// no way leads there.
func (s System) UpgradeVia(from, to string) string {
	before := s.UpgradesFrom(to)
	if slices.Contains(before, from) {
		return to
	}
	for _, r := range before {
		if via := s.UpgradeVia(from, r); via != "" {
			return via
		}
	}
	return ""
}

// ReleaseNamed is a release's row; one of an unknown name is empty.
func (s System) ReleaseNamed(name string) Release { return s.release(name) }
