package lima

// Files in an instance's directory.
const (
	// Template is the instance's own YAML, bases merged in.
	Template = "lima.yaml"
	// VersionFile names the Lima that made it.
	VersionFile = "lima-version"
	// SSHConfig is written at every start.
	SSHConfig = "ssh.config"
	// AgentOut has the host agent's events, AgentErr its log.
	AgentOut = "ha.stdout.log"
	AgentErr = "ha.stderr.log"
	// Serial is the guest's console.
	Serial = "serial.log"
)
