package main

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

// manCmd prints the manual page, for whoever packages vmloom: vmloom man >vmloom.1.
func manCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name: "man", Usage: "print the manual page", Hidden: true,
		Action: func(c *cli.Context) error {
			page, err := c.Lineage()[1].App.ToManWithSection(1)
			if err == nil {
				_, err = fmt.Fprint(u.data, page)
			}
			return err
		},
	}
}
