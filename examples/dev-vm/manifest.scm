;; The project's own manifest, as its contributors use it with or without the VM:
;;   guix shell -m manifest.scm
(specifications->manifest
 (list "clang-toolchain"
       "cmake"
       "gcc-toolchain"
       "lldb"
       "make"
       "pkg-config"))
