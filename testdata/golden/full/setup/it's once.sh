#!/bin/sh
# it's "odd" {{.User}} $HOME
echo 'once' >>/var/tmp/once
