package lima

import (
	"slices"
	"strings"
	"sync"
)

//go:generate sh -c "limactl generate-jsonschema | go run gen.go >keys_table.go.new && mv keys_table.go.new keys_table.go"

// Type is what a value of a template may be, one or several.
type Type uint8

// The types. Null is as good as no value everywhere.
const (
	Text Type = 1 << iota
	Integer
	Flag
	List
	Mapping
)

var typeNames = []string{"text", "a whole number", "true or false", "a list", "a mapping"}

// String says the types in words: text or a mapping.
func (t Type) String() string {
	var words []string
	for i, name := range typeNames {
		if t&(1<<i) != 0 {
			words = append(words, name)
		}
	}
	return strings.Join(words, " or ")
}

// Key is a key that a template may have. The table of them, keys_table.go, is that
// of Lima's own JSON Schema; images[].archVariant and copyToHost[].skipIfMissing
// came after 2.2.0, which warns of them.
type Key struct {
	// Place of the value: mounts[].location. An element of a list is named [], a value
	// under a name of the user's own *, the whole template is empty.
	Place string
	Type  Type
	// Required where the mapping around it is there.
	Required bool
	// Values it may have; none: any.
	Values []string
}

// moreValues are those that the schema leaves open, and Lima's sources name
// (limatype/lima_yaml.go, limayaml/validate.go, ResolveOS and ResolveArch).
var moreValues = map[string][]string{
	"os":                        {"default"},
	"arch":                      {"default"},
	"vmType":                    {"krunkit"}, // a driver of its own
	"provision[].mode":          {"system", "user", "boot", "dependency", "ansible", "data", "yq"},
	"probes[].mode":             {"readiness"},
	"portForwards[].proto":      {"tcp", "udp", "any"},
	"vmOpts.vz.diskImageFormat": {"raw", "asif"},
}

// loose are the values of places that limactl does not look at, and what comes of
// another one once the instance starts.
var loose = map[string]struct {
	values []string
	comes  string
}{
	"mountTypesUnsupported[]":     {[]string{"reverse-sshfs", "9p", "virtiofs", "wsl2"}, "it rules nothing out"},
	"mounts[].sshfs.sftpDriver":   {[]string{"builtin", "openssh-sftp-server"}, "the directory is not mounted"},
	"mounts[].9p.cache":           {[]string{"none", "loose", "fscache", "mmap", "readahead"}, "the guest's kernel does not mount the directory"},
	"mounts[].9p.securityModel":   {[]string{"none", "passthrough", "mapped", "mapped-xattr", "mapped-file"}, "QEMU does not start"},
	"mounts[].9p.protocolVersion": {[]string{"9p2000", "9p2000.u", "9p2000.L"}, "the guest's kernel does not mount the directory"},
	"firmware.images[].vmType":    {[]string{"qemu", "vz", "wsl2", "krunkit"}, "the image is not used"},
	"firmware.images[].arch":      {[]string{"x86_64", "aarch64", "armv7l", "ppc64le", "riscv64", "s390x"}, "the image is not used"},
	"firmware.images[].location":  {nil, "the instance does not start"},
	"additionalDisks[].fsType":    {[]string{"ext4", "ext3", "ext2", "xfs", "swap"}, "the disk is made by the image's own mkfs of that name, if it has one, and does not grow"},
}

// devices are the values of a place that a driver knows; limactl lets every one pass, and the instance does not start
// with another. QEMU takes options behind a comma.
var devices = map[string]map[string][]string{
	"qemu": {
		"video.display": {"none", "default", "vnc", "cocoa", "gtk", "sdl", "spice-app", "egl-headless", "curses", "dbus"},
		"audio.device":  {"none", "default", "alsa", "coreaudio", "dbus", "dsound", "jack", "oss", "pa", "pipewire", "sdl", "sndio", "spice", "wav"},
	},
	"vz": {"video.display": {"none", "default", "vz"}, "audio.device": {"none", "default", "vz"}},
}

// Devices are the values of audio.device or video.display that a driver knows; none: any.
func Devices(driver, place string) []string { return devices[driver][place] }

// moreKeys are those of Lima's own drivers, which the schema leaves open (QEMUOpts, VZOpts).
var moreKeys = []Key{
	{Place: "vmOpts.qemu", Type: Mapping},
	{Place: "vmOpts.qemu.minimumVersion", Type: Text},
	{Place: "vmOpts.qemu.cpuType", Type: Mapping},
	{Place: "vmOpts.qemu.cpuType.*", Type: Text},
	{Place: "vmOpts.vz", Type: Mapping},
	{Place: "vmOpts.vz.rosetta", Type: Mapping},
	{Place: "vmOpts.vz.rosetta.enabled", Type: Flag},
	{Place: "vmOpts.vz.rosetta.binfmt", Type: Flag},
	{Place: "vmOpts.vz.diskImageFormat", Type: Text},
}

// unsigned are whole numbers that Lima keeps in 32 bits without a sign.
var unsigned = []string{"user.uid", "networks[].metric"}

// deprecated keys still work, and go away some day.
var deprecated = map[string]string{
	"cpuType": "vmOpts: {qemu: {cpuType: …}}",
	"rosetta": "vmOpts: {vz: {rosetta: …}}",
}

var allKeys = sync.OnceValue(func() []Key { return slices.Concat(keys, moreKeys) })

var keyIndex = sync.OnceValue(func() map[string]Key {
	index := make(map[string]Key, len(keys))
	for _, k := range allKeys() {
		k.Values = slices.Concat(k.Values, moreValues[k.Place], loose[k.Place].values)
		index[k.Place] = k
	}
	return index
})

// KeyAt is the key whose value is at a place; ok is false where Lima knows none.
func KeyAt(place string) (Key, bool) {
	k, ok := keyIndex()[place]
	return k, ok
}

// KeysOf names the keys of the mapping at a place, in Lima's order. There are none
// where any name will do: the place is one of the user's, or of drivers, which come as plug-ins too.
func KeysOf(place string) (names []string) {
	if place == "vmOpts" {
		return nil
	}
	for _, k := range allKeys() {
		if around, name := split(k.Place); around == place && name != "*" && name != "" {
			names = append(names, name)
		}
	}
	return names
}

// Knows reports whether Lima reads a key of that name at a place.
func Knows(place, name string) bool {
	names := KeysOf(place)
	return len(names) == 0 || slices.Contains(names, name)
}

// split cuts the last name off a place; an element of a list has none.
func split(place string) (around, name string) {
	if strings.HasSuffix(place, "[]") {
		return place, ""
	}
	i := strings.LastIndexByte(place, '.')
	return place[:max(i, 0)], place[i+1:]
}

// Join is the place of a key's value.
func Join(place, name string) string {
	if place == "" {
		return name
	}
	return place + "." + name
}
