// Package backup keeps the home of a guest in a file, and puts it into the home of
// another one. In goes the command that reaches the guest, and the file's name; the file
// is an archive of tar, compressed by zstd, which both read without vmloom. It is whole
// or not there, and what is not whole is never put into a home. Nothing in a home is
// deleted: what a restore replaces is moved aside.
package backup

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"vmloom/guest"
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

// homeOf is what the guest has said of its user.
func homeOf(t *guest.Lines) (h Home, err error) {
	uid, noUID := strconv.Atoi(t.One("uid"))
	gid, noGID := strconv.Atoi(t.One("gid"))
	h = Home{Format: formatNow, User: t.One("user"), UID: uid, GID: gid, Home: t.One("home"), System: strings.TrimSpace(t.One("system"))}
	if noUID != nil || noGID != nil || h.User == "" || h.Home == "" {
		return h, errors.New("the guest does not say whose home it is")
	}
	return h, nil
}

// Unfit is a file that is no backup, or not a whole one.
type Unfit struct{ Reason string }

func (u Unfit) Error() string { return u.Reason }

func unfit(format string, args ...any) error { return Unfit{fmt.Sprintf(format, args...)} }
