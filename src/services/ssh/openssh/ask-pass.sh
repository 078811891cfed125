#!/bin/sh
# ssh calls this for a passphrase, a password or a code (SSH_ASKPASS in ssh(1)). It passes the question to backout, which asks on its own
# screen, and prints the answer for ssh.
#
# $1: the question. BACKOUT_ASK_NODE: the path of Node. BACKOUT_ASK_PROGRAM: the program for Node. BACKOUT_ASK_SOCKET: the socket on which
# backout listens.
exec "$BACKOUT_ASK_NODE" -e "$BACKOUT_ASK_PROGRAM" -- "$1"
