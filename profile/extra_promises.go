package profile

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
)

// extraLooks say what Lima refuses, or does not do, of lima.extra because of what else the profile says.
var extraLooks = []func(x *extraLook){
	(*extraLook).plain, (*extraLook).proxy, (*extraLook).machine, (*extraLook).devices, (*extraLook).drivers,
	(*extraLook).mountTypes, (*extraLook).mounts, (*extraLook).forwards, (*extraLook).sockets, (*extraLook).networks, (*extraLook).resolver, (*extraLook).servers, (*extraLook).containerd, (*extraLook).env, (*extraLook).images,
}

// extraLook holds lima.extra to the rest of a profile.
type extraLook struct {
	*Profile
	extra *yaml.Node
	out   []lima.Slip
}

func (p *Profile) limaSlips() []lima.Slip {
	x := &extraLook{Profile: p, extra: p.Lima.Extra.Node}
	for _, look := range extraLooks {
		look(x)
	}
	return x.out
}

func (x *extraLook) refuse(n *yaml.Node, reason, cure string) {
	x.out = append(x.out, lima.Slip{Node: n, Refused: true, Reason: reason, Cure: cure})
}

func (x *extraLook) say(n *yaml.Node, reason, cure string) {
	x.out = append(x.out, lima.Slip{Node: n, Reason: reason, Cure: cure})
}

// at is what lima.extra has below some keys; an empty node: nothing.
func (x *extraLook) at(keys ...string) *yaml.Node {
	n := x.extra
	for _, key := range keys {
		n = valueOf(n, key)
	}
	return n
}

func (x *extraLook) plain() {
	if n := x.at("plain"); n.Value == "true" {
		if lost := x.lostWhenPlain(); lost != "" {
			x.say(n, "has Lima leave out what the profile promises: "+lost, "remove it, or what it leaves out")
		}
	}
}

func (x *extraLook) proxy() {
	if n := x.at("propagateProxyEnv"); n.Value == "true" && x.HasProxy() {
		x.say(n, "has Lima put the proxy of whoever starts the VM in the place of guest.proxy", "remove it, or guest.proxy")
	}
}

// machine is of the system, the driver and SSH.
func (x *extraLook) machine() {
	if n := x.at("os"); n.Value != "" && n.Value != "Linux" && n.Value != "default" {
		x.say(n, "makes of the guest another system than guest.system", "remove it")
	}
	if n := x.at("vmType"); n.Value != "" && !slices.Contains(x.On().VMTypes, n.Value) && n.Value != "krunkit" {
		x.say(n, "is no driver of "+x.On().Title+": the VM does not start", oneOf(x.On().VMTypes))
	}
	if n := x.at("tpm"); n.Value == "true" && x.VMType() == "vz" {
		x.refuse(n, "vz has none", "remove it")
	}
	if n := x.at("ssh", "overVsock"); n.Value == "true" && x.VMType() != "vz" {
		x.say(n, "does nothing: "+x.VMType()+" has no vsock for it", "remove it")
	}
	if n := x.at("ssh", "localPort"); n.Value != "" && x.Lima.SSHPort != 0 && n.Value != strconv.Itoa(x.Lima.SSHPort) {
		x.say(n, "goes over lima.sshPort", "set lima.sshPort instead: every output follows it")
	}
}

func (x *extraLook) devices() {
	for _, of := range []struct{ section, key string }{{"audio", "device"}, {"video", "display"}} {
		n, known := x.at(of.section, of.key), lima.Devices(x.VMType(), of.section+"."+of.key)
		is, options, _ := strings.Cut(n.Value, ",")
		if is != "" && len(known) > 0 && (!slices.Contains(known, is) || options != "" && x.VMType() == "vz") {
			x.say(n, "limactl lets it pass, and the VM does not start: "+x.VMType()+" has no such "+of.key, oneOf(known))
		}
	}
}

// drivers tells of options of a driver that does not run, and of a processor that the guest has not.
func (x *extraLook) drivers() {
	for key, n := range lima.Entries(x.at("vmOpts")) {
		if key.Value != x.VMType() {
			x.say(n, "does nothing: lima.vmType is "+x.VMType(), "remove it")
		}
	}
	if n := x.at("cpuType"); len(n.Content) > 0 && x.VMType() != "qemu" {
		x.say(n, "does nothing: lima.vmType is "+x.VMType(), "remove it")
		return
	}
	for _, models := range []*yaml.Node{x.at("cpuType"), x.at("vmOpts", "qemu", "cpuType")} {
		for key, model := range lima.Entries(models) {
			switch is, _, _ := strings.Cut(model.Value, ","); {
			case x.at("arch").Value != "":
			case slices.Contains(Arches(), key.Value) && !slices.Contains(x.Guest.Arches(), key.Value):
				x.say(key, "does nothing: guest.arch is "+x.Guest.Arch, "remove it")
			case is == "host" && key.Value == x.Guest.Arch && x.Host.Arch != "" && x.Host.Arch != x.Guest.Arch:
				x.say(model, "is for guests of the host's own processor, which is "+x.Host.Arch+": the VM does not start", "write max")
			}
		}
	}
}

func (x *extraLook) mountTypes() {
	if n := x.at("mountType"); n.Value != "" {
		if f, is := x.faultOf(n.Value); is {
			if f.refused {
				x.refuse(n, f.reason, f.cure)
			} else {
				x.say(n, f.reason, f.cure)
			}
		}
	}
	kind := x.MountType(x.System())
	if x.at("mountType").Value != "" || len(x.Mounts) == 0 && x.Lima.MountType == "" {
		return
	}
	for _, n := range x.at("mountTypesUnsupported").Content {
		if n.Value == kind {
			x.refuse(n, "rules out what the directories are mounted by", "lima: {mountType: "+map[bool]string{true: By9P, false: OverSSH}[kind == OverSSH]+"}, or remove it")
		}
	}
}

// TypeOfOptions is the type of mounts whose options Lima has under a key of one; empty: it is no such key.
func TypeOfOptions(key string) string {
	return map[string]string{"sshfs": OverSSH, "9p": By9P, "virtiofs": VirtioFS}[key]
}

func (x *extraLook) mounts() {
	kind := x.MountType(x.System())
	vars := lima.GuestVars{User: x.Guest.User.Name, Home: x.Guest.User.Home}
	for _, m := range x.at("mounts").Content {
		at := valueOf(m, "mountPoint")
		point := vars.Expand(at.Value)
		if at.Value == "" {
			at = valueOf(m, "location")
			point = x.HostPath(at.Value)
		}
		switch {
		case point == "":
		case point == x.Guest.User.Home:
			x.refuse(at, "is the guest's home", "write another one, such as /mnt/work")
		case strings.HasPrefix(point, x.Guest.User.Home+"/"):
			x.say(at, "is inside the guest's home, which root makes for it: a new home lacks the files of one", "write another one, such as /mnt/"+path.Base(point))
		case slices.ContainsFunc(x.Mounts, func(o Mount) bool {
			return x.GuestPath(o) == point && x.HostPath(o.Host) != x.HostPath(valueOf(m, "location").Value)
		}):
			x.say(at, "is where mounts has another directory: Lima mounts that alone", "write another one, such as /mnt/"+path.Base(point))
		}
		for key, value := range lima.Entries(m) {
			if of := TypeOfOptions(key.Value); of != "" && of != kind && value.ShortTag() != "!!null" {
				x.say(key, "does nothing: the directories are mounted by "+kind, x.canMount(of))
			}
		}
	}
}

func (x *extraLook) forwards() {
	for _, n := range x.at("portForwards").Content {
		if rule, ok := lima.ForwardOf(n); ok {
			x.forward(n, rule)
		}
	}
	if n := x.at("ssh", "localPort"); n.Value != "" {
		for i, port := range x.Ports {
			if number, err := strconv.Atoi(n.Value); err == nil && port.Host.Has(number) && !port.UDP() {
				x.say(n, fmt.Sprintf("is the host's port of ports[%d]", i), "another one, in lima.sshPort")
			}
		}
	}
}

func (x *extraLook) forward(n *yaml.Node, rule lima.Forward) {
	host := Port{Address: rule.HostIP, Host: PortRange(rule.Host)}
	switch {
	case x.Forwards() != "all" && rule.Host != (lima.Ports{}):
		x.say(n, "is never reached: network.forward ignores what is not in ports", "write it into ports:")
	case x.besidePorts(n, rule), host.Host.First <= 1: // as good as every port, or none
	case x.Lima.SSHPort != 0 && host.Host.Has(x.Lima.SSHPort) && rule.Proto != udp:
		x.say(n, fmt.Sprintf("wants the host's port %d, which is lima.sshPort", x.Lima.SSHPort), "another hostPort")
	case host.Host.First < unprivileged && !x.mayHave(host):
		x.say(n, fmt.Sprintf("wants the host's port %d, which needs root", host.Host.First), "hostPort: "+strconv.Itoa(host.Host.First+8000))
	}
}

// besidePorts holds a rule to those of the profile, which come before it.
func (x *extraLook) besidePorts(n *yaml.Node, rule lima.Forward) (said bool) {
	for i, port := range x.Ports {
		own := lima.Forward{Guest: lima.Ports(port.Guest), Host: lima.Ports(port.Host), Proto: port.Over(), GuestIP: loopback, HostIP: port.At()}
		switch {
		case own.Covers(rule):
			x.say(n, fmt.Sprintf("is never reached: ports[%d] is for %s", i, port.Called()), "change that one, or remove this")
		case rule.Proto == "any" && own.Covers(rule.Over(own.Proto)):
			x.say(n, fmt.Sprintf("is never reached by %s: ports[%d] is for %s", own.Proto, i, port.Called()), "change that one, or remove this")
		case own.Meets(rule):
			x.say(n, fmt.Sprintf("wants a port of the host that ports[%d] has: one of them gets it", i), "another hostPort")
		default:
			continue
		}
		return true
	}
	return false
}

func (x *extraLook) sockets() {
	for _, n := range x.at("portForwards").Content {
		for i, s := range x.Sockets {
			if guest := valueOf(n, "guestSocket"); guest.Value != "" && guest.Value == s.Guest {
				x.say(guest, fmt.Sprintf("is that of sockets[%d]: one of them gets it", i), "another guestSocket, or remove one of them")
			}
		}
	}
}

func (x *extraLook) networks() {
	for _, n := range x.at("networks").Content {
		switch name := valueOf(n, "lima"); {
		case x.On().NoVMNet != "" && slices.Contains(vmnetNames, name.Value):
			x.refuse(name, x.On().NoVMNet, "{lima: user-v2} works everywhere")
		case valueOf(n, "vzNAT").Value == "true" && x.VMType() != "vz":
			x.say(valueOf(n, "vzNAT"), "is of vz alone: the VM does not start with it", "{lima: user-v2} works everywhere")
		}
	}
}

// containerd tells of an engine beside the one of guest.containers, or in its place.
func (x *extraLook) containerd() {
	engine, has := x.Engine()
	for key, n := range lima.Entries(x.at("containerd")) {
		switch is := key.Value; {
		case is != "user" && is != "system":
		case is == "user" && n.Value == "false" && has && engine.ByLima(x.System()):
			x.say(n, "turns off what guest.containers promises", "remove it, or guest.containers")
		case n.Value != "true" || x.System().SetUp != ByCloudInit: // of which nixos-extra speaks
		case is == "user" && !has:
			x.say(n, "is what guest.containers: containerd does, of which verify knows", "write that instead")
		case has && !(is == "user" && engine.ByLima(x.System())):
			x.say(n, "is a second engine beside guest.containers, "+engine.Name+": each has images and containers of its own", "remove it, or guest.containers")
		}
	}
}

// env tells of variables that go over those of the profile.
func (x *extraLook) env() {
	for key := range lima.Entries(x.at("env")) {
		if _, own := x.Guest.Env[key.Value]; own {
			x.say(key, "goes over guest.env", "write it there: every output follows it")
		}
		for j, s := range x.Sockets {
			if s.Env != "" && s.Env == key.Value {
				x.say(key, fmt.Sprintf("goes over the variable of sockets[%d]", j), "remove one of them")
			}
		}
	}
}

// images tells of a template that has none left.
func (x *extraLook) images() {
	n := x.at("base")
	if empty := n.Kind == yaml.SequenceNode && len(n.Content) == 0; empty && x.System().SetUp == ByCloudInit && !x.HasImage() && len(x.at("images").Content) == 0 {
		x.refuse(n, "leaves the template without an image", "remove it, or say guest.image")
	}
}
