package vmloom_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// TestSite builds the site of docs/, which fails at a link to no page, follows every link of what was built, and
// reads it as its visitors do: in a browser, wide and narrow, and by its search.
func TestSite(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short: builds the site and looks at it in a browser")
	}
	tooltest.Chromium(t)
	site := tooltest.Site(t)
	build := exec.Command("npm", "run", "build")
	build.Dir = site
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	built := os.DirFS(filepath.Join(site, ".vitepress", "dist"))
	followed(t, built)
	server := httptest.NewServer(http.FileServerFS(built))
	defer server.Close()
	var saw struct {
		Links, Wrong []string
		Found        map[string][]string
	}
	tooltest.Browser(t, site, &saw, "look-site.mjs", server.URL)
	for _, wrong := range saw.Wrong {
		t.Error(wrong)
	}
	if len(saw.Links) < 30 {
		t.Errorf("only %d pages in the navigation", len(saw.Links))
	}
	for word, page := range map[string]string{"vzNAT": "/profile.html", "checksum": "/live.html", "overlays": "/nix.html"} {
		if !slices.Contains(saw.Found[word], page) {
			t.Errorf("a search for %s finds %q, not %s", word, saw.Found[word], page)
		}
	}
}

var (
	idAttr   = regexp.MustCompile(` id="([^"]+)"`)
	hrefAttr = regexp.MustCompile(` (?:href|src)="([^"]+)"`)
)

// followed follows each link between the pages, also to a place in one.
func followed(t *testing.T, built fs.FS) {
	t.Helper()
	places, links := map[string]bool{}, map[string][]string{}
	err := fs.WalkDir(built, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		page := "/" + name
		places[page], places[strings.TrimSuffix(page, "index.html")] = true, true
		if path.Ext(name) != ".html" {
			return nil
		}
		text, err := fs.ReadFile(built, name)
		for _, m := range idAttr.FindAllSubmatch(text, -1) {
			places[page+"#"+string(m[1])] = true
			places[strings.TrimSuffix(page, "index.html")+"#"+string(m[1])] = true
		}
		for _, m := range hrefAttr.FindAllSubmatch(text, -1) {
			links[page] = append(links[page], string(m[1]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for page, all := range links {
		base := &url.URL{Path: page}
		for _, link := range all {
			to, err := base.Parse(link)
			if err != nil || to.Host != "" || to.Scheme != "" {
				continue
			}
			n++
			if place := to.Path + strings.TrimSuffix("#"+to.Fragment, "#"); !places[place] {
				t.Errorf("%s: %s leads nowhere", page, link)
			}
		}
	}
	if n < 1000 {
		t.Errorf("only %d links", n)
	}
}

// TestNavigation: docs/README.md, of which the site's navigation is made, has every page once, under one of four headings.
func TestNavigation(t *testing.T) {
	index, err := os.ReadFile("docs/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var headings []string
	for _, m := range regexp.MustCompile(`(?m)^## (.+)$`).FindAllSubmatch(index, -1) {
		headings = append(headings, string(m[1]))
	}
	if want := []string{"Tutorials", "How to", "Reference", "Explanation"}; !slices.Equal(headings, want) {
		t.Errorf("the headings are %q, want %q", headings, want)
	}
	listed := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^- \[[^\]]+\]\(([^)]+)\)`).FindAllSubmatch(index, -1) {
		listed[string(m[1])]++
	}
	pages, err := fs.Glob(os.DirFS("docs"), "*.md")
	if err != nil {
		t.Fatal(err)
	}
	decisions, err := fs.Glob(os.DirFS("docs"), "*/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, decisions...) {
		if page != "README.md" && listed[page] != 1 {
			t.Errorf("docs/README.md lists %s %d times", page, listed[page])
		}
	}
}
