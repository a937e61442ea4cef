package profile

import _ "embed"

// Schema is the JSON Schema (2020-12) of a profile, made from the types and
// their comments; go generate ./profile renews it.
//
//go:embed schema.json
var Schema string

// PartSchema is that of a part: of a local file, of what a profile extends, and of a profile that extends others.
// Nothing is required there, and null removes.
//
//go:embed schema.part.json
var PartSchema string
