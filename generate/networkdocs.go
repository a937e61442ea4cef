package generate

import (
	"fmt"
	"strings"

	"vmloom/profile"
)

// networkChapter tells of names and of Lima's networks. Under QEMU there are names alone.
func networkChapter(p *profile.Profile) (chapter, error) {
	c := chapter{Title: "Names and networks"}
	if servers := p.Network.DNS; len(servers) > 0 {
		c.Parts = append(c.Parts, paragraph("The guest asks "+listed(servers)+" for names, before the servers that its network gives it.", servers...))
	}
	addresses, names := p.Network.HostsOf()
	for _, address := range addresses {
		c.Parts = append(c.Parts, paragraph("The guest knows %s as "+listed(names[address])+".", append([]string{address}, names[address]...)...))
	}
	for _, card := range p.Lima.Networks {
		words, values := "The VM has a card in Lima's network %s, which gives it an address there", []string{card.Name}
		if card.MACAddress != "" {
			words, values = words+"; the card's own is %s", append(values, card.MACAddress)
		}
		if card.Interface != "" {
			words, values = words+"; the guest calls it %s", append(values, card.Interface)
		}
		if card.Metric != 0 {
			words += fmt.Sprintf("; its routes have the metric %d, and the lowest is taken", card.Metric)
		}
		c.Parts = append(c.Parts, paragraph(words+".", values...))
	}
	if len(p.Lima.Networks) > 0 {
		c.Parts = append(c.Parts, paragraph("Its addresses:"), run("limactl shell "+p.Lima.Instance+" ip -4 address"))
	}
	return c, nil
}

// listed has a place for each of the texts.
func listed(texts []string) string {
	return strings.TrimSuffix(strings.Repeat("%s, ", len(texts)), ", ")
}
