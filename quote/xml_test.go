package quote

import (
	"encoding/xml"
	"strings"
	"testing"
)

func TestXML(t *testing.T) {
	table(t, XML, []row{
		{"a<b>&\"'", "a&lt;b&gt;&amp;\"'"}, {"a\t\n\r", "a\t\n&#13;"}, {60, "60"}, {"\u0085", "&#133;"},
		{"a\x01", "error: xml: U+0001 at offset 1"}, {"a\uffff", "error: xml: U+FFFF at offset 1"},
		{true, "error: xml: a bool has no literal here"}, // <true/> is the template's
	})
	table(t, XMLComment, []row{{"a--->\nb-", "a- - -> b- "}, {"-", "- "}})
}

func FuzzXML(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		lit, err := XML(s)
		if err != nil {
			if !broken(s) && !strings.ContainsFunc(s, notXML) {
				t.Fatal(err)
			}
			return
		}
		comment := write(t, XMLComment, s)
		var got struct {
			S       string `xml:"s"`
			Comment string `xml:",comment"`
		}
		text := "<x><!--" + comment + "--><s>" + lit + "</s></x>"
		if err := xml.Unmarshal([]byte(text), &got); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if got.S != s || got.Comment != comment {
			t.Fatalf("%q: %s: %q", s, text, got)
		}
		oneLine(t, comment)
	})
}
