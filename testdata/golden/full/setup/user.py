#!/usr/bin/env python3
print("no newline at the end: \\n")