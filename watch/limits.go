package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"vmloom/seen"
)

// ask asks the system for the events of a directory. Who has it already under this path is given those of the directory
// that is there now.
func (w *Watcher) ask(path string, d *dir) {
	if w.events == nil || d.wide {
		return
	}
	if !d.asked {
		d.asked = true
		w.spent += descriptors(path)
	}
	if most := allowed(); w.spent > most {
		w.giveUp(fmt.Sprintf("watching would take more than %d open files (ulimit -n)", most))
		return
	}
	d.refused = ""
	switch err := w.events.Add(path); {
	case err == nil, errors.Is(err, fs.ErrNotExist): // where it is gone, the one above tells so
	case limit(err) != "":
		w.giveUp(limit(err))
	default:
		d.refused = fmt.Sprintf("%s: %v", path, err)
	}
}

// mute says why events do not tell all of a directory; empty: they do.
func mute(dir string) string {
	if wide(dir) {
		return dir + ": is not watched as a whole"
	}
	if kind := seen.Away(dir); kind != "" {
		return "on " + kind + " others change files unheard"
	}
	return ""
}

// limit says which one an error is about; empty: none.
func limit(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return "the system has no more watches to give (sysctl fs.inotify.max_user_watches)"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "the system has no more watchers or open files to give (sysctl fs.inotify.max_user_instances, ulimit -n)"
	}
	return ""
}

// giveUp leaves the system's events alone, all of them: where there are too few, editors need them more.
func (w *Watcher) giveUp(why string) {
	w.Close()
	w.without = why
}
