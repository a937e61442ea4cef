package seen

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"io"
	"os"
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

// maxAdded is how much a run may add to a shard before that is written, so that memory does not grow with the profiles.
const maxAdded = 128 << 10

// shard is one file of the index: entries by the absolute paths of profiles. What it holds is read where it is asked for.
type shard struct {
	key   byte
	file  *os.File          // nil: there is none
	at    map[string]span   // where in it each entry lies
	added map[string][]byte // by this run; nil: dropped
	size  int               // of what was added
}

// span is a part of a file.
type span struct{ from, size int }

func (x *Index) shard(profile string) *shard {
	h := fnv.New32a()
	h.Write([]byte(profile))
	key := byte(h.Sum32() % shards)
	if x.shards[key] == nil {
		s := &shard{key: key, added: map[string][]byte{}}
		s.file, s.at, _ = x.open(key)
		x.shards[key] = s
	}
	return x.shards[key]
}

func (x *Index) path(key byte) string { return filepath.Join(x.dir, fmt.Sprintf("%02x", key)) }

// open gives the file of a shard, where its entries lie, and its content, until another is opened. Nobody writes into
// such a file: others take its place.
func (x *Index) open(key byte) (f *os.File, at map[string]span, data []byte) {
	f, err := atomic.Open(x.path(key))
	if err != nil {
		return nil, nil, nil
	}
	info, err := f.Stat()
	if err == nil && info.Size() <= 2*maxShard {
		x.buffer = slices.Grow(x.buffer[:0], int(info.Size()))[:info.Size()]
		if _, err = io.ReadFull(f, x.buffer); err == nil {
			return f, decodeShard(x.buffer, x.tool), x.buffer
		}
	}
	f.Close()
	return nil, nil, nil
}

// body is the entry of a profile.
func (s *shard) body(profile string) (body []byte, ok bool) {
	if body, ok = s.added[profile]; ok {
		return body, body != nil
	}
	where, ok := s.at[profile]
	if !ok {
		return nil, false
	}
	body = make([]byte, where.size)
	_, err := s.file.ReadAt(body, int64(where.from))
	return body, err == nil
}

func (s *shard) set(profile string, body []byte) {
	s.added[profile] = body
	s.size += len(profile) + len(body)
}

func (s *shard) drop(profile string) {
	if _, there := s.body(profile); there {
		s.added[profile] = nil
	}
}

// save writes what this run has added to a shard, beside what another has written meanwhile, and forgets both.
func (x *Index) save(s *shard) {
	s.file.Close()
	delete(x.shards, s.key)
	if len(s.added) == 0 {
		return
	}
	f, at, data := x.open(s.key)
	f.Close()
	entries := make(map[string][]byte, len(at)+len(s.added))
	for profile, where := range at {
		entries[profile] = data[where.from:][:where.size]
	}
	for profile, body := range s.added {
		if body == nil {
			delete(entries, profile)
			continue
		}
		entries[profile] = body
	}
	_ = atomic.ReplaceFile(x.path(s.key), encodeShard(entries, x.tool), atomic.How{Mode: 0o600}) // a full disk costs time alone
}

// encodeShard is the file of a shard: what tells it from others, a checksum, and the entries, the youngest first.
func encodeShard(entries map[string][]byte, tool string) []byte {
	type aged struct {
		name  string
		began int64
	}
	var names []aged
	size := 0
	for name, body := range entries {
		names = append(names, aged{name, (&decoder{rest: body}).int()})
		size += len(name) + len(body) + 2*binary.MaxVarintLen64
	}
	slices.SortFunc(names, func(a, b aged) int { return cmp.Or(cmp.Compare(b.began, a.began), strings.Compare(a.name, b.name)) })
	e := encoder{out: make([]byte, 0, min(size, maxShard))}
	for _, one := range names {
		if len(e.out)+len(one.name)+len(entries[one.name]) > maxShard-64 {
			break
		}
		e.bytes([]byte(one.name))
		e.bytes(entries[one.name])
	}
	head := encoder{out: []byte(magic)}
	head.bytes([]byte(tool))
	head.out = binary.LittleEndian.AppendUint32(head.out, crc32.ChecksumIEEE(e.out))
	return append(head.out, e.out...)
}

// decodeShard gives where the entries of a file lie; none where it is another program's, or not whole.
func decodeShard(data []byte, tool string) map[string]span {
	rest, ok := bytes.CutPrefix(data, []byte(magic))
	d := decoder{rest: rest}
	if !ok || string(d.bytes()) != tool || len(d.rest) < 4 {
		return nil
	}
	sum := binary.LittleEndian.Uint32(d.rest)
	if d.rest = d.rest[4:]; crc32.ChecksumIEEE(d.rest) != sum {
		return nil
	}
	entries := map[string]span{}
	for len(d.rest) > 0 {
		name := string(d.bytes())
		body := d.bytes()
		if d.broken {
			return nil
		}
		entries[name] = span{len(data) - len(d.rest) - len(body), len(body)}
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
