#!/bin/sh
# ssh calls this for a passphrase, a password or a code (SSH_ASKPASS in ssh(1)): the question goes to backout, which asks on its
# own screen, and its answer to ssh.
#
# $1: the question. BACKOUT_ASK_NODE: the program node, BACKOUT_ASK_PROGRAM: what it runs, BACKOUT_ASK_SOCKET: where backout listens.
exec "$BACKOUT_ASK_NODE" -e "$BACKOUT_ASK_PROGRAM" -- "$1"
