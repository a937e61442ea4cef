package engine

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"

	"vmloom/atomic"
)

// placeDir is a directory that a run makes at its place, and removes.
const placeDir = `^/tmp/vmloom\.[A-Za-z0-9]+$`

// left is the file, beside the image, that names what a run has at its place. Who holds the image's lock and finds one
// knows that the run which wrote it was killed. Empty: the job makes no image.
func (j *Job) left() string {
	if j.Image == "" {
		return ""
	}
	return strings.TrimSuffix(j.Image, ".partial") + ".there"
}

func (j *Job) leftLines() (lines []string) {
	text, err := atomic.Read(j.left(), atomic.Most)
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// note keeps in mind what is at the place now; without it, should the run be killed, age tells. Forget is its end.
func (j *Job) note(dir string) {
	if j.left() != "" {
		j.keep(append(j.leftLines(), j.Place.String()+" "+dir))
	}
}

func (j *Job) forget(line string) {
	if lines := j.leftLines(); slices.Contains(lines, line) {
		j.keep(slices.DeleteFunc(lines, func(other string) bool { return other == line }))
	}
}

func (j *Job) keep(lines []string) {
	if len(lines) == 0 {
		os.Remove(j.left())
		return
	}
	atomic.ReplaceFile(j.left(), []byte(strings.Join(lines, "\n")+"\n"), atomic.How{Mode: 0o600})
}

// oldLeft removes what nobody can need any more: of runs of a machine that is gone, as those of a CI are.
const oldLeft = `find /tmp -maxdepth 1 -type d -name "vmloom.??????" -user "$(id -u)" -mtime +7 -exec rm -rf {} +`

// sweep removes what killed runs have left at other machines: those of this image wherever they ran, and at the job's
// place what is a week old. What cannot be removed stays noted.
func (j *Job) sweep(ctx context.Context) {
	ours := regexp.MustCompile(placeDir)
	for _, line := range j.leftLines() {
		at, dir, _ := strings.Cut(line, " ")
		p, err := ParsePlace(at)
		if err != nil || !ours.MatchString(dir) || p.Kind == Local || p.Kind == Auto {
			j.forget(line)
			continue
		}
		if at == j.Place.String() {
			p = j.Place
		}
		if _, err := askAt(ctx, p, "rm", "-rf", dir); err == nil {
			j.forget(line)
		}
	}
	if j.Place.Kind != Local {
		askAt(ctx, j.Place, "sh", "-c", oldLeft)
	}
}
