package lima

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// models are QEMU's for each processor that has some of its own, without the numbers of their versions. Each release
// brings more: what is not here may be one.
var models = map[string][]string{
	"x86_64": strings.Fields(`486 Broadwell Broadwell-IBRS Broadwell-noTSX Broadwell-noTSX-IBRS Cascadelake-Server Cascadelake-Server-noTSX
		ClearwaterForest Conroe Cooperlake Denverton Dhyana EPYC EPYC-Genoa EPYC-IBPB EPYC-Milan EPYC-Rome EPYC-Turin GraniteRapids Haswell Haswell-IBRS
		Haswell-noTSX Haswell-noTSX-IBRS Icelake-Server Icelake-Server-noTSX IvyBridge IvyBridge-IBRS KnightsMill Nehalem Nehalem-IBRS
		Opteron_G1 Opteron_G2 Opteron_G3 Opteron_G4 Opteron_G5 Penryn SandyBridge SandyBridge-IBRS SapphireRapids SierraForest Skylake-Client
		Skylake-Client-IBRS Skylake-Client-noTSX-IBRS Skylake-Server Skylake-Server-IBRS Skylake-Server-noTSX-IBRS Snowridge Westmere
		Westmere-IBRS YongFeng athlon core2duo coreduo kvm32 kvm64 n270 pentium pentium2 pentium3 phenom qemu32 qemu64`),
	"aarch64": strings.Fields("a64fx cortex-a35 cortex-a53 cortex-a55 cortex-a57 cortex-a72 cortex-a76 cortex-a710 cortex-a78ae neoverse-n1 neoverse-n2 neoverse-v1"),
	"armv7l":  strings.Fields("arm1176 arm926 cortex-a7 cortex-a8 cortex-a9 cortex-a15"),
}

// hostModels are other programs' words for the processor of the host.
var hostModels = strings.Fields("host-passthrough host-model passthrough native")

// model tells of one with which QEMU does not start a guest of a processor.
func (s *slips) model(arch string, n *yaml.Node) {
	is, _, _ := strings.Cut(n.Value, ",")
	bare := is
	if i := strings.LastIndex(is, "-v"); i > 0 && strings.Trim(is[i+2:], "0123456789") == "" {
		bare = is[:i]
	}
	for _, word := range hostModels {
		if strings.EqualFold(is, word) {
			s.taken(n, "is no model of QEMU's: the VM does not start", "host is the processor of this machine")
			return
		}
	}
	for of, names := range models {
		for _, name := range names {
			switch {
			case of == arch && bare != name && strings.EqualFold(bare, name):
				s.taken(n, "is no model of QEMU's: the VM does not start", "write "+name+is[len(bare):])
			case of != arch && strings.EqualFold(bare, name):
				s.taken(n, "is a model of "+of+": the VM of "+arch+" does not start", "max is the best that QEMU has for every processor, host that of this machine")
			}
		}
	}
}
