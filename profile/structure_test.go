package profile

// structure are mistakes that Load and the schema must both find: lines that
// with makes a profile of, and at the end some that only Load does.
const structure = `
version: 2
version: one
version: [1]
version: null
version: "1"
name: 5
name: ""
name: null
name: true
name: [a]
name: {a: b}
name: 1.5
host: {}
host: []
host: null
host: linux
host: {os: ""}
host: {os: null}
host: {os: 1}
host: {os: linux, user: ""}
host: {os: linux, home: ""}
host: {os: linux, zebra: 1}
runner: ""
runner: {}
runner: null
runner: 1
lima: []
lima: {zebra: 1}
lima: {instance: ""}
lima: {sshPort: "1"}
lima: {sshPort: 1.5}
lima: {sshPort: 65536}
lima: {sshPort: -1}
lima: {vmType: ""}
lima: {extra: []}
lima: {extra: null}
lima: {extra: text}
guest: {}
guest: {system: guix, zebra: 1, user: {name: u}}
guest: {system: guix, user: []}
guest: {system: guix, user: {name: ""}}
guest: {system: guix, user: {name: u, zebra: 1}}
guest: {system: guix, user: {name: u, uid: "1000"}}
guest: {system: guix, user: {name: u, shell: tcsh}}
guest: {system: guix, user: {name: u, home: ""}}
guest: {system: guix, user: {name: u, authorizedKeys: key}}
guest: {system: guix, user: {name: u, authorizedKeys: [""]}}
guest: {system: guix, user: {name: u, authorizedKeys: [1]}}
guest: {system: guix, user: {name: u}, timezone: ""}
guest: {system: guix, user: {name: u}, env: []}
guest: {system: guix, user: {name: u}, env: {A: 1}}
guest: {system: guix, user: {name: u}, env: {A: null}}
guest: {system: guix, user: {name: u}, env: {A-B: x}}
guest: {system: guix, user: {name: u}, env: {"": x}}
guest: {system: ubuntu, release: "", user: {name: u}}
guest: {system: ubuntu, release: 25.10, user: {name: u}}
guest: {system: guix, user: {name: u}, packages: git}
guest: {system: guix, user: {name: u}, packages: [1]}
guest: {system: guix, user: {name: u}, packages: [[]]}
guest: {system: guix, user: {name: u}, packages: [null]}
guest: {system: guix, user: {name: u}, packages: [{guix: ""}]}
guest: {system: guix, user: {name: u}, packages: [{gux: a}]}
guest: {system: guix, user: {name: u}, packages: [{guix: 1}]}
resources: []
resources: {zebra: 1}
resources: {cpus: 0}
resources: {cpus: 257}
resources: {cpus: "4"}
resources: {cpus: 1.5}
resources: {memory: 4}
resources: {memory: 4GB}
resources: {memory: ""}
resources: {memory: 0GiB}
resources: {disk: -1GiB}
resources: {disk: 1.5GiB}
resources: {disk: [1GiB]}
home: {disk: 1}
home: []
home: {zebra: 1}
mounts: {}
mounts: [/a]
mounts: [{}]
mounts: [{host: ""}]
mounts: [{host: a}]
mounts: [{host: /a, guest: ""}]
mounts: [{host: /a, writable: "true"}]
mounts: [{host: /a, writable: 1}]
mounts: [{host: /a, writable: null}]
mounts: [{host: /a, zebra: 1}]
mounts: [null]
sockets: {}
sockets: [{}]
sockets: [{name: a, host: ""}]
sockets: [{name: a, host: a}]
sockets: [{name: a, host: /a, guest: /tmp/a}]
sockets: [{name: a, host: /a, env: ""}]
sockets: [{name: a, host: /a, check: ""}]
sockets: [{name: a, host: /a, zebra: 1}]
sockets: [{name: a, from: ""}]
ports: {}
ports: [80]
ports: [{}]
ports: [{guest: 0}]
ports: [{guest: 65536}]
ports: [{guest: "80"}]
ports: [{guest: 80, host: 0}]
ports: [{guest: 80, zebra: 1}]
ports: [{guest: 99999999999999999999}]
autostart: false
autostart: ""
wezterm: []
wezterm: null
wezterm: {domain: ""}
wezterm: {via: ""}
wezterm: {keys: []}
wezterm: {keys: {domains: ""}}
wezterm: {keys: {newTab: CMD+T}}
wezterm: {keys: {newTab: [""]}}
wezterm: {keys: {newTab: [1]}}
wezterm: {keys: {zebra: 1}}
nix: []
nix: {nixpkgs: ""}
nix: {stateVersion: 26.05}
nix: {modules: ./a.nix}
nix: {modules: [""]}
nix: {homeManager: "true"}
nix: {parity: 1}
nix: {zebra: 1}
guix: []
guix: {channels: {}}
guix: {channels: [{name: guix}]}
guix: {channels: [{commit: 230aa373f315f247852ee07dff34146e9b480aec}]}
guix: {manifest: ""}
guix: {modules: [""]}
guix: {zebra: 1}
build: []
build: {on: ""}
build: {zebra: 1}
targets: lima
targets: [""]
targets: [1]
targets: [zebra]
zebra: 1
sockets: [{name: a, host: /a, check: "a\nb"}]
resources: {disk: 8388608TiB}
`
