package verify_test

import (
	"errors"
	"net"
	"os"
	"syscall"
	"testing"

	"vmloom/profile"
	"vmloom/verify"
)

// TestPlaceSaid: a port that this user may not open is not taken for the VM's, where nobody listens.
func TestPlaceSaid(t *testing.T) {
	linux := profile.HostNamed("linux")
	denied := &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", syscall.EACCES)}
	for _, c := range []struct {
		opened error
		held   bool
		on     profile.HostOS
		want   verify.Status
	}{
		{nil, false, linux, verify.OK}, {denied, false, linux, verify.Failed}, {denied, true, linux, verify.OK},
		{denied, false, profile.Mac(), verify.OK}, {errors.New("address already in use"), true, linux, verify.OK},
	} {
		if got := verify.PlaceSaid(c.opened, c.held, c.on); got != c.want {
			t.Errorf("%v, held %v, %s: %s, want %s", c.opened, c.held, c.on.Name, got, c.want)
		}
	}
}
