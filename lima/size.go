package lima

import (
	"math"
	"strconv"
	"strings"
)

// ParseSize reads a size as Lima does (go-units RAMInBytes): a number, perhaps with
// a fraction, and K, M, G, T or P, which are binary whatever follows; without one it
// is in bytes.
func ParseSize(s string) (bytes int64, ok bool) {
	s = strings.TrimSpace(s)
	i := strings.LastIndexAny(s, "0123456789.") + 1
	number, unit := strings.TrimSpace(s[:i]), strings.ToLower(strings.TrimSpace(s[i:]))
	value, err := strconv.ParseFloat(number, 64)
	if err != nil || value < 0 {
		return 0, false
	}
	factor := 1.0
	if unit != "" && unit != "b" {
		at := strings.IndexByte("kmgtp", unit[0])
		if rest := unit[1:]; at < 0 || rest != "" && rest != "b" && rest != "ib" {
			return 0, false
		}
		factor = math.Pow(1024, float64(at+1))
	}
	if value *= factor; value >= math.MaxInt64 {
		return 0, false
	}
	return int64(value), true
}

// HasUnit reports whether a size says more than a number, which Lima would take for
// bytes.
func HasUnit(size string) bool { return strings.Trim(size, "0123456789. ") != "" }
