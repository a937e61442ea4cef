package main

import (
	"context"
	"errors"
	"fmt"

	"vmloom/profile"
	"vmloom/verify"
)

// refused is what limactl says against the template of a profile.
func (c *checkRun) refused(ctx context.Context, path string) (errs []profile.Problem, err error) {
	s, err := loadSetup(path)
	if err != nil {
		return nil, err
	}
	l, err := c.lookAt(s)
	if err != nil {
		return nil, err
	}
	for _, r := range l.run(ctx, verify.Template(l.Profile), "") {
		switch r.Status {
		case verify.Failed:
			at := "lima.extra"
			if !l.HasSection("lima") {
				at = "guest"
			}
			problem := l.ProblemAt(at, "limactl refuses the template: "+r.Seen)
			problem.Hint = "correct lima.extra; limactl validate " + l.typedTemplate() + " says it again after vmloom gen"
			errs = append(errs, problem)
		case verify.Skipped, verify.Unknown:
			return nil, hinted(fmt.Errorf("%s: %w: %s", path, errLimactl, r.Seen), "vmloom doctor "+path+" tells what is missing here")
		}
	}
	return errs, nil
}

// errLimactl is no answer, which is no success either.
var errLimactl = errors.New("limactl did not read the template")

// typedTemplate is where the profile's template lies, once it is generated.
func (l *lookAt) typedTemplate() string {
	return "generated/" + l.Name + "/lima/" + l.Lima.Instance + ".yaml"
}
