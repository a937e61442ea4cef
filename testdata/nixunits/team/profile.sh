[ ! -r /run/motd.d/vmloom-home ] || cat /run/motd.d/vmloom-home >&2
