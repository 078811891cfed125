# shellcheck shell=sh
# Finds out what the deployment is, and how Compose reads its files, in one command. Changes nothing.
# Needs deployment.sh and identity.sh, and reads what identity.sh reads.

# Prints the output of identity.sh, a line `model`, and the model as JSON; no JSON if Compose cannot read its files.
print_model() {
	identify
	[ -n "${project:-}" ] || return 0
	echo model
	compose config --format json 2>/dev/null </dev/null
}
