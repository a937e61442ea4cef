package main

// fakeLimactl stands in for limactl.
func fakeLimactl() {}
