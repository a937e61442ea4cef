package host

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// child installs and uninstalls in turns until it is killed.
func child(dir string) int {
	w := worldAt(&testing.T{}, dir)
	os.Stdout.WriteString("go\n")
	for n := 0; ; n++ {
		var p *Plan
		var err error
		if n%3 < 2 {
			text := map[int]string{0: linux, 1: strings.NewReplacer("cpus: 2", "cpus: 3", "login", "boot").Replace(linux)}[n%3]
			p, err = Compare(context.Background(), w.layout, w.set(text))
		} else {
			p, err = Uninstall(w.layout, "dev")
		}
		if err == nil {
			err = p.Apply(context.Background(), nil)
		}
		if err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			return 1
		}
	}
}

// TestKilled kills runs at random moments: nothing of the user's is lost, the
// next run ends well, and an uninstall leaves the home as it was.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes for some seconds")
	}
	w := newWorld(t)
	w.users()
	before := w.tree(w.layout.Home)
	for round := range 40 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "VMLOOM_TEST_HOST="+w.dir)
		var said strings.Builder
		cmd.Stderr = &said
		out, err := cmd.StdoutPipe()
		w.ok(err)
		w.ok(cmd.Start())
		out.Read(make([]byte, 3))
		time.Sleep(time.Duration(rand.IntN(120_000)) * time.Microsecond)
		w.ok(cmd.Process.Kill())
		cmd.Wait()
		if said.Len() > 0 {
			t.Fatalf("round %d: %s", round, said.String())
		}
		time.Sleep(30 * time.Millisecond) // a command that outlives it

		config, err := os.ReadFile(w.home(".ssh/config"))
		if rest, _ := cut(config, "Include \""+w.dir+"/work/generated/dev/ssh/config\"\n"); err != nil || string(rest) != "Host work\n  User ada\n" {
			t.Fatalf("round %d: ssh config %q, %v", round, config, err)
		}
		if round%2 == 0 {
			w.up(w.set(linux))
			w.want("after a kill", w.up(w.set(linux)), []string(nil))
			w.want("services", keys(w.tree(w.dir+"/services")), []string{"active.vmloom-dev-repair.timer", "enabled.vmloom-dev-repair.timer", "enabled.vmloom-dev.service"})
		}
		if round%4 > 1 {
			w.uninstall("dev")
			after := w.tree(w.layout.Home)
			for _, dir := range []string{".local", ".local/state", ".local/state/vmloom", ".local/state/vmloom/installed.d"} {
				delete(after, dir) // killed before the first record, or after the last
			}
			w.want("uninstalled after a kill", after, before)
			w.want("services", keys(w.tree(w.dir+"/services")), []string(nil))
		}
		if t.Failed() {
			t.Fatalf("round %d", round)
		}
	}
}
