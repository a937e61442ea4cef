package lima

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Lima reads scalars as its YAML library does (goccy/go-yaml), and that by the type of
// the field: text takes a number as the number is printed, a whole number a fraction
// without what is behind its point.

// asText is what Lima reads where it wants text.
func asText(n *yaml.Node) string {
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return n.Value
	}
	switch n.Value {
	case "True", "TRUE":
		return "true"
	case "False", "FALSE":
		return "false"
	}
	if number := plainNumber(n.Value); number != nil {
		return fmt.Sprint(number)
	}
	return n.Value
}

// plainNumber is what a scalar without quotes is to the library, an integer or a float:
// 010 and 0o10 are 8, a float has a point, an x is a small one. Nil: it is none.
func plainNumber(text string) any {
	if strings.ContainsAny(text, "XOB") || strings.HasPrefix(text, "_") {
		return nil
	}
	bare := strings.ReplaceAll(text, "_", "")
	if i, err := strconv.ParseInt(bare, 0, 64); err == nil {
		return i
	}
	number := bare
	if sign, word, _ := strings.Cut(strings.ToLower(bare), "."); word == "inf" || word == "nan" {
		number = sign + word
	}
	if f, err := strconv.ParseFloat(number, 64); err == nil && strings.Contains(bare, ".") {
		return f
	}
	return nil
}

// asNumber is what Lima reads where it wants a whole number. Text will do, which is decimal.
func asNumber(n *yaml.Node) (float64, bool) {
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0 {
		switch number := plainNumber(n.Value).(type) {
		case int64:
			return float64(number), true
		case float64:
			return number, true
		}
	}
	if strings.HasPrefix(n.Value, "_") {
		return 0, false
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(n.Value, "_", ""), 64)
	return f, err == nil
}

// misread tells of a scalar that is of another type than the key's, and whether that is all to say of it.
func (c *checker) misread(n *yaml.Node, k Key) bool {
	switch {
	case k.Type&Text != 0 && k.Place != "memory" && k.Place != "disk": // whose sizes stay the same
		if is := asText(n); is != n.Value {
			c.bad(Rewritten, n, k.Place, is)
			return true
		}
	case k.Type == Integer:
		f, ok := asNumber(n)
		least, most, want := float64(math.MinInt64), float64(math.MaxInt64), "a whole number of 64 bits"
		if slices.Contains(unsigned, k.Place) {
			least, most, want = 0, math.MaxUint32, "between 0 and 4294967295"
		}
		switch {
		case !ok: // a wrong type
			return false
		case !(f >= least && f <= most):
			c.bad(OutOfRange, n, k.Place, want)
		case strconv.FormatFloat(math.Trunc(f), 'f', -1, 64) != strings.TrimPrefix(n.Value, "+"):
			c.bad(Rewritten, n, k.Place, strconv.FormatFloat(math.Trunc(f), 'f', -1, 64))
		}
		return true
	}
	return false
}
