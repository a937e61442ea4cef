package lima

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// States of an instance. Running says that its processes live, not that its guest
// answers: that is Agent's to tell.
const (
	Running = "Running"
	Stopped = "Stopped"
	Broken  = "Broken"
)

// Instance is one of limactl list --json.
type Instance struct {
	Name, Hostname string
	// Status is Running, Stopped, Broken, or what a driver of its own says.
	Status string
	// Dir is the instance's directory, absolute.
	Dir          string
	VMType, Arch string
	// Protected ones are not deleted.
	Protected bool
	// LimaVersion made it; empty before Lima 0.20.
	LimaVersion string
}

// Disk is one of limactl disk list --json.
type Disk struct {
	Name string
	// Size in bytes.
	Size int64
	Dir  string
	// Instance that holds its lock, or empty.
	Instance string
}

// Instances reads limactl list --json, an object a line. With an error come those
// that were read before it.
func Instances(list string) ([]Instance, error) { return decodeAll[Instance](list) }

// Disks reads limactl disk list --json alike.
func Disks(list string) ([]Disk, error) { return decodeAll[Disk](list) }

// Find is the instance of a name, or nil.
func Find(all []Instance, name string) *Instance {
	for i := range all {
		if all[i].Name == name {
			return &all[i]
		}
	}
	return nil
}

func decodeAll[T any](text string) (out []T, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	for {
		var v T
		if err := d.Decode(&v); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return out, err
		}
		out = append(out, v)
	}
}

// Errors is what limactl list says on stderr of an instance that has errors; in
// the JSON they come out empty (Lima 2.2).
func Errors(talk, instance string) string {
	for line := range strings.Lines(talk) {
		l, ok := ParseLog(line)
		if list := l.Field("errors"); ok && list != "" && l.Msg == "instance `"+instance+"` has errors" {
			return strings.Trim(list, "[]")
		}
	}
	return ""
}

// Agent is the word of an instance's host agent on its start.
type Agent struct {
	// Running: the start is over. Degraded: with Errors.
	Running, Degraded bool
	Errors            []string
}

// ReadAgent reads the host agent's events, the file AgentOut, a JSON object a line.
func ReadAgent(events string) (a Agent) {
	for line := range strings.Lines(events) {
		event := struct{ Status Agent }{a}
		if json.Unmarshal([]byte(line), &event) == nil {
			a = Agent{a.Running || event.Status.Running, event.Status.Degraded, event.Status.Errors}
		}
	}
	return a
}
