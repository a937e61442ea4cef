package main

import (
	"bytes"
	"context"
	"errors"
	"os"
)

// offer asks, at a terminal, whether a VM that was there and is not as the profile says is brought to it. The script
// has named apply by then, which is all where nobody can be asked: a yes to the installation on the host is none to this.
func (r *upRun) offer(ctx context.Context, args []string) error {
	if r.yes || !isTerminal(os.Stdin) {
		return nil
	}
	var talk bytes.Buffer
	looking := *r.ui
	looking.err = &talk
	a := &applyRun{ui: &looking, vm: r.vm}
	plan, err := a.plan(ctx, false)
	if err != nil || len(plan.Changes) == 0 { // why there is no plan, apply says
		return context.Cause(ctx)
	}
	if _, err := r.ui.err.Write(talk.Bytes()); err != nil {
		return err
	}
	plan.show(r.ui.err)
	err = r.confirm(ctx, "apply now?", "")
	if errors.Is(err, errDeclined) {
		return nil // the VM is up, which is what was asked for
	}
	if err != nil {
		return err
	}
	a.ui = r.ui
	return a.carryOut(ctx, args, plan)
}
