package backup

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
)

// What a file says of itself stands in skippable frames before and after the archive,
// which every reader of zstd passes over (RFC 8878, 3.1.2).
const (
	skippable  = 0x184D2A56 // one of sixteen magic numbers
	frameStart = 8          // magic number and size, four bytes each
	// lastFrame is the size of what stands after the archive, blanks included.
	lastFrame = 256
	// mostFirst is more than what stands before the archive.
	mostFirst = 64 << 10
)

func frameOf(v any, size int) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	for len(text) < size {
		text = append(text, ' ')
	}
	head := binary.LittleEndian.AppendUint32(nil, skippable)
	return append(binary.LittleEndian.AppendUint32(head, uint32(len(text))), text...), nil
}

// readFrame reads what stands at a place of a file; false: no frame of ours is there.
func readFrame(r io.ReaderAt, at int64, v any) bool {
	head := make([]byte, frameStart)
	if _, err := r.ReadAt(head, at); err != nil || binary.LittleEndian.Uint32(head) != skippable {
		return false
	}
	size := binary.LittleEndian.Uint32(head[4:])
	if size > mostFirst {
		return false
	}
	text := make([]byte, size)
	if _, err := r.ReadAt(text, at+frameStart); err != nil && err != io.EOF {
		return false
	}
	return json.Unmarshal(text, v) == nil
}

// about reads what a file says of itself; it may be cut off or torn all the same.
func about(f *os.File) (h Home, c Content, err error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return h, c, err
	case !readFrame(f, 0, &h) || h.Format == 0:
		return h, c, unfit("is no backup of vmloom's")
	case h.Format > formatNow:
		return h, c, unfit("has format %d, and this vmloom reads %d: it is of a newer one", h.Format, formatNow)
	case !readFrame(f, info.Size()-lastFrame-frameStart, &c):
		return h, c, unfit("is cut off: its end is not there")
	}
	return h, c, nil
}
