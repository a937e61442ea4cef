package profile

import _ "embed"

// Schema is the JSON Schema (2020-12) of a profile, made from the types and
// their comments; go generate ./profile renews it.
//
//go:embed schema.json
var Schema string
