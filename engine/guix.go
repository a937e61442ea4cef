package engine

// guixEngine builds Guix System images with guix system image.
func guixEngine() Engine { return Engine{Name: "guix"} }
