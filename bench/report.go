package main

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// table is what was measured, as Markdown.
func table(all []sample) string {
	var out strings.Builder
	out.WriteString("| profiles | run | CPU | wall | peak memory | limit | its CPU | ratio |\n| ---: | --- | ---: | ---: | ---: | --- | ---: | ---: |\n")
	for _, s := range all {
		row := func(run string, c cost, limit string, l cost) {
			fmt.Fprintf(&out, "| %d | %s | %s | %s | %.0f MiB | %s | %s | %s |\n", s.Profiles, run, seconds(c.CPU), seconds(c.Wall), float64(c.Peak)/(1<<20), limit, seconds(l.CPU), ratio(c.CPU, l.CPU))
		}
		row("first", s.First, fmt.Sprintf("write %d files, %.1f MB", s.Files, float64(s.Bytes)/1e6), s.Write)
		if s.Nix.CPU > 0 {
			row("first", s.First, "nix: as many files, one name put in", s.Nix)
		}
		if s.Gomplate.CPU > 0 {
			row("first", s.First, "gomplate: as many files, one name put in", s.Gomplate)
		}
		row("unchanged", s.Unchanged, "stat", s.Stat)
		if s.Profiles == 1 {
			row("unchanged", s.Unchanged, "an empty program of Go", s.Empty)
			row("one changed", s.OneChanged, "an empty program of Go", s.Empty)
		}
		row("one changed", s.OneChanged, "the run with nothing changed", s.Unchanged)
		row("`--check`", s.Check, "read and compare", s.Read)
		row("`--check --strict`", s.Strict, "read and compare", s.Read)
	}
	return out.String()
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }

// ratio is empty where the clock of the kernel is too coarse for the limit.
func ratio(c, limit time.Duration) string {
	if limit < time.Millisecond {
		return ""
	}
	return fmt.Sprintf("%.1f", float64(c)/float64(limit))
}

// The plot's size, and the place of its axes.
const (
	width, height = 640, 400
	left, right   = 70, 130
	top, bottom   = 20, 50
)

// line is a curve of the plot.
type line struct {
	name, color, dash string
	of                func(sample) time.Duration
}

func lines() []line {
	return []line{
		{"first run", "#1f5fa8", "", func(s sample) time.Duration { return s.First.CPU }},
		{"unchanged", "#2e8540", "", func(s sample) time.Duration { return s.Unchanged.CPU }},
		{"--check", "#b0651d", "", func(s sample) time.Duration { return s.Check.CPU }},
		{"limit: write", "#1f5fa8", "5 4", func(s sample) time.Duration { return s.Write.CPU }},
		{"limit: stat", "#2e8540", "5 4", func(s sample) time.Duration { return s.Stat.CPU }},
		{"limit: read", "#b0651d", "5 4", func(s sample) time.Duration { return s.Read.CPU }},
	}
}

// plot is the CPU time by the number of profiles, both by powers of ten, as SVG.
func plot(all []sample) string {
	const least, most = -4, 2 // powers of ten, in seconds
	decades := math.Max(1, math.Ceil(math.Log10(float64(all[len(all)-1].Profiles))))
	x := func(n float64) float64 { return left + math.Log10(n)/decades*(width-left-right) }
	y := func(s float64) float64 {
		p := (math.Log10(math.Max(s, 1e-4)) - least) / (most - least)
		return height - bottom - p*(height-top-bottom)
	}
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", width, height)
	fmt.Fprintf(&out, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", width, height)
	for p := least; p <= most; p++ {
		at := y(math.Pow(10, float64(p)))
		fmt.Fprintf(&out, `<path d="M%d %.1fH%d" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%g s</text>`+"\n", left, at, width-right, left-6, at+4, math.Pow(10, float64(p)))
	}
	for p := 0; p <= int(decades); p++ {
		at := x(math.Pow(10, float64(p)))
		fmt.Fprintf(&out, `<path d="M%.1f %dV%d" stroke="#ddd"/><text x="%.1f" y="%d" text-anchor="middle">%g</text>`+"\n", at, top, height-bottom, at, height-bottom+18, math.Pow(10, float64(p)))
	}
	fmt.Fprintf(&out, `<text x="%d" y="%d" text-anchor="middle">profiles</text><text x="%d" y="%d">CPU time of the whole process</text>`+"\n", (left+width-right)/2, height-8, left, top-6)
	for i, l := range lines() {
		var points []string
		for _, s := range all {
			points = append(points, fmt.Sprintf("%.1f,%.1f", x(float64(s.Profiles)), y(l.of(s).Seconds())))
		}
		fmt.Fprintf(&out, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2" stroke-dasharray="%s"/>`+"\n", strings.Join(points, " "), l.color, l.dash)
		at := top + 20 + 18*i
		fmt.Fprintf(&out, `<path d="M%d %dh24" stroke="%s" stroke-width="2" stroke-dasharray="%s"/><text x="%d" y="%d">%s</text>`+"\n", width-right+10, at, l.color, l.dash, width-right+40, at+4, l.name)
	}
	out.WriteString("</svg>\n")
	return out.String()
}
