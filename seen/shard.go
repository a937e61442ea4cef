package seen

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/atomic"
)

// shards is in how many files the index lies, so that a run over one profile reads and writes a part of it alone.
const shards = 64

// maxShard bounds each of them, 32 MiB in all: the oldest entries go first.
const maxShard = 512 << 10

// magic begins a file; another number is another format.
const magic = "vmloom seen 1\n"

// shard is one file of the index: entries by the absolute paths of profiles.
type shard struct {
	entries map[string][]byte
	changed bool
}

func (x *Index) shard(profile string) *shard {
	h := fnv.New32a()
	h.Write([]byte(profile))
	key := byte(h.Sum32() % shards)
	if x.shards[key] == nil {
		data, _ := atomic.Read(x.file(key), 2*maxShard)
		x.shards[key] = &shard{entries: decodeShard(data, x.tool)}
	}
	return x.shards[key]
}

func (x *Index) file(key byte) string { return filepath.Join(x.dir, fmt.Sprintf("%02x", key)) }

func (s *shard) set(profile string, body []byte) {
	s.entries[profile], s.changed = body, true
}

func (s *shard) drop(profile string) {
	if _, there := s.entries[profile]; there {
		delete(s.entries, profile)
		s.changed = true
	}
}

// encode is the file of a shard: what tells it from others, a checksum, and the entries.
func (s *shard) encode(tool string) []byte {
	size := 0
	for profile, body := range s.entries {
		size += len(profile) + len(body) + 2*binary.MaxVarintLen64
	}
	names := slices.Collect(maps.Keys(s.entries))
	age := func(name string) int64 { return (&decoder{rest: s.entries[name]}).int() }
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(age(b), age(a)), strings.Compare(a, b)) })
	var e encoder
	for _, name := range names {
		if len(e.out)+len(name)+len(s.entries[name]) > maxShard-64 {
			break
		}
		e.bytes([]byte(name))
		e.bytes(s.entries[name])
	}
	head := encoder{out: []byte(magic)}
	head.bytes([]byte(tool))
	head.out = binary.LittleEndian.AppendUint32(head.out, crc32.ChecksumIEEE(e.out))
	return append(head.out, e.out...)
}

// decodeShard gives the entries of a file; none where it is another program's, or not whole.
func decodeShard(data []byte, tool string) map[string][]byte {
	entries := map[string][]byte{}
	rest, ok := bytes.CutPrefix(data, []byte(magic))
	d := decoder{rest: rest}
	if !ok || string(d.bytes()) != tool || len(d.rest) < 4 {
		return entries
	}
	sum := binary.LittleEndian.Uint32(d.rest)
	if d.rest = d.rest[4:]; crc32.ChecksumIEEE(d.rest) != sum {
		return entries
	}
	for len(d.rest) > 0 {
		name := string(d.bytes())
		body := d.bytes()
		if d.broken {
			return map[string][]byte{}
		}
		entries[name] = body
	}
	return entries
}

// encoder writes numbers and texts one behind the other, as decoder reads them.
type encoder struct{ out []byte }

func (e *encoder) int(n int64) { e.out = binary.AppendVarint(e.out, n) }

func (e *encoder) bytes(b []byte) {
	e.int(int64(len(b)))
	e.out = append(e.out, b...)
}

// A look is written by its path from dir on where it lies there.
const (
	below = 1 << iota
	linked
	missing
	directory
)

func (e *encoder) look(dir string, one look) {
	flags := int64(0)
	path, isBelow := strings.CutPrefix(one.path, dir)
	if isBelow {
		flags |= below
	}
	if one.through {
		flags |= linked
	}
	if one.dir {
		flags |= directory
	}
	if one.state == (state{}) {
		flags |= missing
	}
	e.int(flags)
	e.bytes([]byte(path))
	if s := one.state; flags&missing == 0 {
		e.int(s.size)
		e.int(s.mtime)
		e.int(s.ctime)
		e.int(int64(s.inode))
		e.int(int64(s.mode))
	}
}

type decoder struct {
	rest   []byte
	broken bool
}

func (d *decoder) int() int64 {
	n, size := binary.Varint(d.rest)
	if size <= 0 {
		d.broken, d.rest = true, nil
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

func (d *decoder) bytes() []byte {
	n := d.int()
	if n < 0 || n > int64(len(d.rest)) {
		d.broken, d.rest = true, nil
		return nil
	}
	out := d.rest[:n]
	d.rest = d.rest[n:]
	return out
}

func (d *decoder) look(dir string) (one look) {
	flags := d.int()
	one.path = string(d.bytes())
	if flags&below != 0 {
		one.path = dir + one.path
	}
	if flags&missing == 0 {
		one.state = state{d.int(), d.int(), d.int(), uint64(d.int()), uint32(d.int())}
	}
	one.through, one.dir = flags&linked != 0, flags&directory != 0
	return one
}

func hashFile(program string) (string, error) {
	sum, _, err := atomic.HashFile(context.Background(), program)
	return sum, err
}
