package main

import "encoding/json"

// formatVersion is that of the documents that --json prints, all of which docs/json.md
// describes. It rises when a field goes or gets another meaning, not when one is added.
const formatVersion = 1

// document is what --json prints: a struct that begins with format.
type document interface{ ofFormat() }

// format is the field that tells a reader of any document whether it understands it.
type format struct {
	Version formatNumber `json:"formatVersion"`
}

func (format) ofFormat() {}

// formatNumber is formatVersion in a document. It holds nothing, so that none can
// be printed with another number, or without.
type formatNumber struct{}

func (formatNumber) MarshalJSON() ([]byte, error) { return json.Marshal(formatVersion) }

// json prints a result as one document.
func (u *ui) json(d document) error {
	enc := json.NewEncoder(u.stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}
