# shellcheck shell=sh
# home_of UID: prints the home folder of a user.
home_of() { { getent passwd "$1" || grep "^[^:]*:[^:]*:$1:" /etc/passwd; } 2>/dev/null | head -n 1 | cut -d : -f 6; }
