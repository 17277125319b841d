"""Runs a program whose standard input is a terminal of its own, and types the next text each time that it prints 'waiting'.

Usage: terminal.py <texts, as JSON> <program> <argument>...; what else the program prints goes to standard output.
"""
import json
import os
import pty
import subprocess
import sys

texts = iter(json.loads(sys.argv[1]))
keyboard, terminal = pty.openpty()
program = subprocess.Popen(sys.argv[2:], stdin=terminal, stdout=subprocess.PIPE, start_new_session=True)
os.close(terminal)
for line in program.stdout:
    if line == b'waiting\n':
        os.write(keyboard, next(texts).encode())
    else:
        sys.stdout.buffer.write(line)
sys.stdout.flush()
sys.exit(program.wait())
