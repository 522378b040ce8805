# needs: bash python3
# fast: -
# An interactive shell on a pseudo terminal: ^Z, fg, bg, ^C, ^\, ^D, window size, stopped background jobs.
exec python3 /cases/terminal.py
