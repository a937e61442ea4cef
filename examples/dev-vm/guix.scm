;; The project's own package, as its contributors build it with or without the VM:
;;   guix shell -D -f guix.scm    what it is built with
;;   guix build -f guix.scm       the package, its tests included
(use-modules (guix build-system cmake)
             (guix gexp)
             ((guix licenses) #:prefix license:)
             (guix packages))

(package
  (name "qbuf")
  (version "0.1.0")
  (source (local-file "." "qbuf-checkout"
                      #:recursive? #t
                      ;; What the VM is made of is no part of the project.
                      #:select? (lambda (file stat)
                                  (not (member (basename file)
                                               '("build" "generated" ".git"))))))
  (build-system cmake-build-system)
  (synopsis "Queues and buffers between threads, in C++")
  (description "The project that the VM is for.")
  (home-page "https://example.org/qbuf")
  (license license:unlicense))
