// Package backup keeps the home of a guest in a file, and puts it into the home of
// another one. In goes the command that reaches the guest, and the file's name; the file
// is an archive of tar, compressed by zstd, which both read without vmloom. It is whole
// or not there, and what is not whole is never put into a home. Nothing in a home is
// deleted: what a restore replaces is moved aside.
package backup

import (
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"vmloom/process"
)

// Home is whose home a file holds.
type Home struct {
	// Format is that of the file.
	Format int `json:"vmloomBackup"`
	// Name is the profile's.
	Name string `json:"name"`
	// User of the guest, with his numbers and his home there.
	User string `json:"user"`
	UID  int    `json:"uid"`
	GID  int    `json:"gid"`
	Home string `json:"home"`
	// System is the guest's, as ID and VERSION_ID of os-release.
	System string `json:"system"`
	// Taken is when the backup began.
	Taken time.Time `json:"taken"`
}

// Content is what an archive holds.
type Content struct {
	// SHA256 of the archive, which is what zstd unpacks, as 64 hexadecimal digits.
	SHA256 string `json:"sha256"`
	// Bytes of the archive, and Entries in it: files, directories and links.
	Bytes   int64 `json:"bytes"`
	Entries int64 `json:"entries"`
}

const formatNow = 1

// Guest reaches a guest: its words are the command's that runs what follows them there.
type Guest struct{ process.Cmd }

//go:embed become.sh
var become string

// token begins the lines of one run that are meant for the host.
func token() string { return "vmloom-" + rand.Text()[:12] }

// command runs a script in the guest, as root where its user may be.
func (g Guest) command(script, token string, args ...string) process.Cmd {
	c := g.Cmd
	c.Args = append(append(append([]string{}, c.Args...), "sh", "-c", become, "sh", script, token), args...)
	return c
}

// told are the lines of a run that are meant for the host: a word, and what is said of it.
type told struct {
	token string

	mu    sync.Mutex // both streams bring lines
	words map[string][]string
}

func newTold() *told { return &told{token: token(), words: map[string][]string{}} }

func (t *told) line(line string) bool {
	rest, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), t.token+" ")
	if ok {
		t.mu.Lock()
		defer t.mu.Unlock()
		word, text, _ := strings.Cut(rest, " ")
		t.words[word] = append(t.words[word], text)
	}
	return ok
}

// all are the lines that began with a word.
func (t *told) all(word string) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.words[word]
}

// one is the text of the only such line, or nothing.
func (t *told) one(word string) string {
	if got := t.all(word); len(got) == 1 {
		return got[0]
	}
	return ""
}

func (t *told) has(word string) bool { return t.all(word) != nil }

// home is what the guest has said of its user.
func (t *told) home() (h Home, err error) {
	uid, noUID := strconv.Atoi(t.one("uid"))
	gid, noGID := strconv.Atoi(t.one("gid"))
	h = Home{Format: formatNow, User: t.one("user"), UID: uid, GID: gid, Home: t.one("home"), System: strings.TrimSpace(t.one("system"))}
	if noUID != nil || noGID != nil || h.User == "" || h.Home == "" {
		return h, errors.New("the guest does not say whose home it is")
	}
	return h, nil
}

// lost is how a run in the guest ended, in its own last words where it said some.
func lost(err error) error {
	var exit *process.ExitError
	if errors.As(err, &exit) && exit.Err == nil && len(exit.Last) > 0 {
		return errors.New(exit.Last[len(exit.Last)-1])
	}
	return err
}

// Unfit is a file that is no backup, or not a whole one.
type Unfit struct{ Reason string }

func (u Unfit) Error() string { return u.Reason }

func unfit(format string, args ...any) error { return Unfit{fmt.Sprintf(format, args...)} }
