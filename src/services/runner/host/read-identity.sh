# shellcheck shell=sh
# read_identity: finds out what SSH proves about whoever is connected. Sets "account" (of the host), "key" (fingerprint), "certificate" (its
# key id) and "proof": auth-info (sshd's ExposeAuthInfo), sshd-log, or none.
# shellcheck disable=SC2034 # used by start-launch.sh and approve-run.sh

# Prints what sshd logs when a login succeeds. Text of a client, such as the name of a user that does not exist, never begins such a message.
accepted_logins() {
	timeout 10 journalctl -q -o cat -t sshd -t sshd-session -t sshd-auth --since '-7d' 2>/dev/null | grep -a '^Accepted publickey for [^ ]* from '
	for log in /var/log/auth.log /var/log/secure; do
		[ ! -r "$log" ] || grep -a '^[^[]* sshd[a-z-]*\[[0-9]*\]: Accepted publickey for [^ ]* from ' "$log"
	done
}

read_identity() {
	account=$(id -un) key='' certificate='' proof=none
	# Only text that needs no quotes in JSON.
	plain='s/[^A-Za-z0-9@._+:/ -]//g'
	if [ -n "${SSH_USER_AUTH:-}" ] && [ -r "$SSH_USER_AUTH" ]; then
		used=$(sed -n 's/^publickey //p' "$SSH_USER_AUTH" | head -n 1)
		key=$(printf '%s\n' "$used" | ssh-keygen -l -f - 2>/dev/null | sed -n 's,.*\(SHA256:[A-Za-z0-9+/]*\).*,\1,p')
		certificate=$(printf '%s\n' "$used" | ssh-keygen -L -f - 2>/dev/null | sed -n 's/^ *Key ID: "\(.*\)"$/\1/p' | sed "$plain")
		[ -z "$key" ] || proof=auth-info
	fi
	if [ -z "$key" ] && [ -n "${SSH_CONNECTION:-}" ]; then
		from=${SSH_CONNECTION%% *}
		port=${SSH_CONNECTION#* }
		# An address and port may have been used before: the last login is this one.
		login=$(accepted_logins | grep -aF " from $from port ${port%% *} ssh2: " | tail -n 1)
		key=$(printf '%s\n' "$login" | sed -n 's,.* ssh2: [A-Z0-9-]* \(SHA256:[A-Za-z0-9+/]*\).*,\1,p')
		certificate=$(printf '%s\n' "$login" | sed -n 's/.* ssh2: [A-Z0-9-]*-CERT SHA256:[^ ]* ID \(.*\) (serial [0-9]*) CA .*/\1/p' | sed "$plain")
		[ -z "$key" ] || proof=sshd-log
	fi
	account=$(printf '%s\n' "$account" | sed "$plain")
}
