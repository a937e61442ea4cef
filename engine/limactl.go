package engine

// limaEngine builds Ubuntu and Debian images in a throw-away instance of Lima.
func limaEngine() Engine { return Engine{Name: "limactl"} }
