package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"text/template"

	"go.yaml.in/yaml/v4"
)

// fakeInstance is what limactl list says about an instance, and its --format sees.
type fakeInstance struct {
	Name          string     `json:"name"`
	Hostname      string     `json:"hostname"`
	Status        string     `json:"status"`
	Dir           string     `json:"dir"`
	VMType        string     `json:"vmType"`
	Arch          string     `json:"arch"`
	CPUs          int        `json:"cpus"`
	Memory        int64      `json:"memory"`
	Disk          int64      `json:"disk"`
	Disks         []fakeDisk `json:"additionalDisks,omitempty"`
	SSHLocalPort  int        `json:"sshLocalPort"`
	SSHConfigFile string     `json:"sshConfigFile"`
	HostAgentPID  int        `json:"hostAgentPID,omitempty"`
	DriverPID     int        `json:"driverPID,omitempty"`
	SSHAddress    string     `json:"sshAddress"`
	Protected     bool       `json:"protected"`
	LimaVersion   string     `json:"limaVersion"`
	LimaHome      string
	Param         map[string]string `json:"param,omitempty"`

	problem string   // why it is Broken
	sockets []string // forwarded in reverse: paths in the guest
}

// fakeDisk is an additionalDisks entry.
type fakeDisk struct {
	Name   string `json:"name" yaml:"name"`
	Format bool   `json:"format" yaml:"format"`
	FSType string `json:"fsType,omitempty" yaml:"fsType"`
}

// limaYAML is what the fake reads of a template.
type limaYAML struct {
	Base            yaml.Node         `yaml:"base"`
	VMType          string            `yaml:"vmType"`
	Arch            string            `yaml:"arch"`
	CPUs            int               `yaml:"cpus"`
	Memory          string            `yaml:"memory"`
	Disk            string            `yaml:"disk"`
	Param           map[string]string `yaml:"param"`
	AdditionalDisks []fakeDisk        `yaml:"-"`
	SSH             struct {
		LocalPort int `yaml:"localPort"`
	} `yaml:"ssh"`
	PortForwards []struct {
		GuestSocket string `yaml:"guestSocket"`
		Reverse     bool   `yaml:"reverse"`
	} `yaml:"portForwards"`
	Images []struct {
		Location string `yaml:"location"`
		Arch     string `yaml:"arch"`
		Digest   string `yaml:"digest"`
		Kernel   struct{ Location string }
		Initrd   struct{ Location string }
	} `yaml:"images"`
}

// readLimaYAML takes additionalDisks as Lima does: names or mappings.
func readLimaYAML(data []byte) (*limaYAML, error) {
	var y limaYAML
	var disks struct {
		List []yaml.Node `yaml:"additionalDisks"`
	}
	if err := yaml.Unmarshal(data, &y); err != nil {
		return nil, err
	}
	if err := yaml.Unmarshal(data, &disks); err != nil {
		return nil, err
	}
	for _, n := range disks.List {
		d := fakeDisk{Name: n.Value}
		if n.Kind == yaml.MappingNode {
			if err := n.Decode(&d); err != nil {
				return nil, err
			}
		}
		y.AdditionalDisks = append(y.AdditionalDisks, d)
	}
	return &y, nil
}

func (l *limactl) dir(name string) string { return filepath.Join(l.home, name) }

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// inspect reads an instance; an error means that its lima.yaml is not there.
func (l *limactl) inspect(name string) (*fakeInstance, error) {
	dir := l.dir(name)
	in := &fakeInstance{Name: name, Dir: dir, LimaHome: l.home, SSHAddress: "127.0.0.1",
		Hostname: "lima-" + strings.NewReplacer(".", "-", "_", "-").Replace(name)}
	data, err := os.ReadFile(filepath.Join(dir, "lima.yaml"))
	if err != nil {
		return nil, err
	}
	y, err := readLimaYAML(data)
	if err != nil {
		in.problem = "failed to unmarshal YAML (main file `" + filepath.Join(dir, "lima.yaml") + "`): " + err.Error()
		return in, nil
	}
	in.VMType, in.Arch = orElse(y.VMType, "qemu"), orElse(y.Arch, hostArch())
	in.CPUs, in.SSHLocalPort, in.Disks = max(y.CPUs, 1), y.SSH.LocalPort, y.AdditionalDisks
	for _, f := range y.PortForwards {
		if f.Reverse {
			in.sockets = append(in.sockets, f.GuestSocket)
		}
	}
	in.Param = y.Param
	in.Memory, in.Disk = fakeBytes(orElse(y.Memory, "4GiB")), fakeBytes(orElse(y.Disk, "100GiB"))
	in.SSHConfigFile = filepath.Join(dir, "ssh.config")
	in.Protected = exists(filepath.Join(dir, "protected"))
	version, _ := os.ReadFile(filepath.Join(dir, "lima-version"))
	in.LimaVersion = string(version)

	agent, driver := exists(filepath.Join(dir, "ha.pid")), exists(filepath.Join(dir, in.VMType+".pid"))
	sock := filepath.Join(dir, "ha.sock")
	switch {
	case agent && !exists(sock):
		in.Status, in.problem = "Broken", "failed to connect to `"+sock+"`: stat "+sock+": no such file or directory"
	case agent && driver:
		in.Status, in.HostAgentPID, in.DriverPID = "Running", 4711, 4712
	case agent:
		in.Status, in.problem = "Broken", "host agent is running but driver is not"
	case driver:
		in.Status, in.problem = "Broken", in.VMType+" driver is running but host agent is not"
	default:
		in.Status = "Stopped"
	}
	return in, nil
}

// names are the directories that limactl takes for instances.
func (l *limactl) names() []string {
	entries, _ := os.ReadDir(l.home)
	var out []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), "_") && !strings.HasPrefix(e.Name(), ".") {
			out = append(out, e.Name())
		}
	}
	return out
}

// instances are those that can be read.
func (l *limactl) instances() []*fakeInstance {
	var out []*fakeInstance
	for _, name := range l.names() {
		if in, err := l.inspect(name); err == nil {
			out = append(out, in)
		}
	}
	return out
}

func (l *limactl) list(flags map[string]string, args []string) error {
	names := l.names()
	if len(args)+len(names) == 0 {
		l.log("warning", "No instance found. Run `limactl create` to create an instance.")
		return nil
	}
	for _, name := range names {
		if yaml := filepath.Join(l.dir(name), "lima.yaml"); !exists(yaml) {
			l.log("warning", fmt.Sprintf("The directory `%s` does not look like a valid Lima directory: stat %s: no such file or directory", l.home, yaml))
			break
		}
	}
	var unmatched error
	if len(args) > 0 {
		there := strings.Join(names, " ") + " "
		names = nil
		for _, a := range args {
			if strings.Contains(" "+there, " "+a+" ") {
				names = append(names, a)
				continue
			}
			l.log("warning", "No instance matching "+a+" found.")
			unmatched = errors.New("unmatched instances")
		}
	}
	if flags["quiet"] != "" {
		for _, name := range names {
			fmt.Fprintln(l.out, name)
		}
		return unmatched
	}
	var found []*fakeInstance
	for _, name := range names {
		in, err := l.inspect(name)
		if err != nil {
			in = &fakeInstance{Name: name, Dir: l.dir(name), Status: "Broken", problem: err.Error()}
		}
		if in.problem != "" {
			l.log("warning", "instance `"+name+"` has errors", "errors", "["+in.problem+"]")
		}
		found = append(found, in)
	}
	if err := l.print(found, flags); err != nil {
		return err
	}
	return unmatched
}

func (l *limactl) print(found []*fakeInstance, flags map[string]string) error {
	switch format := flags["format"]; {
	case flags["json"] != "" || format == "json":
		for _, in := range found {
			text, err := json.Marshal(in)
			if err != nil {
				return err
			}
			fmt.Fprintf(l.out, "%s\n", text)
		}
	case format == "" || format == "table":
		w := tabwriter.NewWriter(l.out, 4, 8, 4, ' ', 0)
		fmt.Fprintln(w, "NAME\tSTATUS\tSSH\tVMTYPE\tARCH\tCPUS\tMEMORY\tDISK\tDIR")
		for _, in := range found {
			dir := strings.Replace(in.Dir, l.env("HOME"), "~", 1)
			fmt.Fprintf(w, "%s\t%s\t%s:%d\t%s\t%s\t%d\t%s\t%s\t%s\n", in.Name, in.Status, in.SSHAddress, in.SSHLocalPort,
				in.VMType, in.Arch, in.CPUs, fakeSize(in.Memory), fakeSize(in.Disk), dir)
		}
		return w.Flush()
	default:
		t, err := template.New("format").Parse(format)
		if err != nil {
			return err
		}
		for _, in := range found {
			if err := t.Execute(l.out, in); err != nil {
				return err
			}
			fmt.Fprintln(l.out)
		}
	}
	return nil
}
