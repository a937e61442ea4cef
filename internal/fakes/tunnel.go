package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// fakeTunnel is tunnel of the scripts: it writes the guest's side of each connection where its kernel would.
func fakeTunnel() {
	dir, host := os.Args[1], os.Args[2]
	guest, err := strconv.Atoi(os.Args[3])
	if err != nil {
		panic(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+host)
	if err != nil {
		panic(err)
	}
	fmt.Println("listens")
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	var mu sync.Mutex
	var open []string
	for n := 40000; ; n++ {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		if strings.HasPrefix(dir, "-") {
			continue
		}
		line := fmt.Sprintf("   9: 0100007F:%04X 0100007F:%04X 01\n", guest, n)
		change := func(with func()) {
			mu.Lock()
			defer mu.Unlock()
			with()
			table := filepath.Join(filepath.Dir(dir), "fake-ssh/guest/proc/net/tcp")
			kept := []string{}
			data, _ := os.ReadFile(table)
			for old := range strings.Lines(string(data)) {
				if strings.HasSuffix(old, " 0A\n") || strings.Contains(old, "st\n") {
					kept = append(kept, old)
				}
			}
			os.WriteFile(table, []byte(strings.Join(append(kept, open...), "")), 0o666)
		}
		change(func() { open = append(open, line) })
		go func() {
			c.SetDeadline(time.Now().Add(time.Minute))
			io.Copy(io.Discard, c)
			change(func() { open = slices.DeleteFunc(open, func(l string) bool { return l == line }) })
		}()
	}
}

// serve has each connection answered on its own, until the listener is closed or the process ended.
func serve(l net.Listener, answer func(net.Conn)) {
	for {
		from, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			panic(err)
		}
		go func() {
			defer from.Close()
			answer(from)
		}()
	}
}
