package verify

// State is what the VM is as a whole.
type State string

// The states of a VM.
const (
	Absent  State = "absent"
	Foreign State = "foreign"
	Unowned State = "unowned"
	Broken  State = "broken"
	Stopped State = "stopped"
	Booting State = "booting"
	Silent  State = "silent"
	Running State = "running"
	Unsure  State = "unknown"
)

// StateOf tells from results of Checks what the VM is: as the first of the rows
// on the way to the guest says that did not go well, or running where the guest
// itself has answered.
func StateOf(results []Result) State {
	by := map[string]Result{}
	for _, r := range results {
		by[r.ID] = r
	}
	onTheWay := map[string]bool{}
	var add func(id string)
	add = func(id string) {
		onTheWay[id] = true
		for _, need := range by[id].Needs {
			add(need)
		}
	}
	add(reached)
	for _, r := range results {
		switch {
		case !onTheWay[r.ID] || r.Status == OK:
		case r.VM != "":
			return r.VM
		default:
			return Unsure
		}
	}
	if by[reached].Status == OK {
		return Running
	}
	return Unsure
}
