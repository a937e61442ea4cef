package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"vmloom/profile"
)

// qemuPort looks for the rules among the words of the process, and who has the host's port: QEMU
// holds it whether or not anybody listens in the guest. One that came by its monitor is in no words.
func qemuPort(ctx context.Context, s *session, p *profile.Profile, port profile.Port) verdict {
	pid, words, untold := qemuProcess(ctx, s)
	if untold != nil {
		return *untold
	}
	told := toldTo(words, port)
	held, err := listeners(ctx, s, placeOf(port))
	foreign := slices.IndexFunc(held, func(o owner) bool { return o.pid != pid })
	if !told && err == nil && (len(held) == 0 || foreign >= 0) {
		return bad("process %d does not forward it", pid).since(say("the VM was started before the profile was changed"), say("%s, then %s", vmloom("stop"), vmloom("up")))
	}
	table := guestSockets(ctx, s, p, port.Over())
	if s.unanswered() != "" {
		return verdict{} // says so itself
	}
	at, guest := listenAt(table, port.Guest)
	switch {
	case err != nil:
		return noWord("who listens at the port", err.Error())
	case len(held) == 0:
		return bad("the host's port is closed")
	case foreign >= 0:
		return placeOf(port).heldBy(held[foreign])
	case len(at) == 0 && !told:
		return skip("QEMU holds it, by its monitor: where it leads is seen once a program listens in the guest")
	case len(at) == 0:
		return good("QEMU holds it and forwards it; nothing listens in the guest now")
	case !slices.ContainsFunc(at, func(a string) bool { return !loopback[a] }):
		return bad("the guest's program listens at its 127.0.0.1 only").since(say("QEMU reaches the guest by its network card"), say("have the program listen at 0.0.0.0"))
	case port.UDP() && !told:
		return skip("QEMU holds it, by its monitor: where datagrams lead, only the guest's program knows")
	case port.UDP():
		return good("QEMU holds it and forwards it; whether an answer comes, the guest's program alone knows")
	}
	return arrives(ctx, s, p, port, guest)
}

// toldTo reports whether the words of a QEMU have the rules of a port, or of each of a range.
func toldTo(words []string, port profile.Port) bool {
	var rules []string
	for _, w := range words {
		rules = append(rules, strings.Split(w, ",")...)
	}
	for i := range port.Guest.Len() {
		if !slices.Contains(rules, fmt.Sprintf("hostfwd=%s:%s:%d-:%d", port.Over(), port.At(), port.Host.First+i, port.Guest.First+i)) {
			return false
		}
	}
	return true
}
