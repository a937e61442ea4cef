//go:build race

package main

// underRace: the race detector makes everything ten times as slow.
const underRace = true
