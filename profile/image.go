package profile

// Image is a file that a new VM's system starts from.
type Image struct {
	// Location of it: https://…, or a path of the host, absolute or starting with ~/.
	Location string `yaml:"location" jsonschema:"required" form:"image" change:"made"`
	// Digest that a download is held to: sha256:…, sha512:….
	Digest string `yaml:"digest" form:"digest" change:"made"`
}
