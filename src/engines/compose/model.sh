# shellcheck shell=sh
# Finds out what the deployment is, and how Compose reads its files, in one command. Changes nothing.
# Needs deployment.sh and identity.sh, and reads what identity.sh reads.

# services_of_model: prints the names of the services of Compose's model, JSON with an indent of two (cmd/compose/config.go of Compose).
services_of_model() { sed -n '/^  "services": {$/,/^  }/s/^    "\([^"]*\)": .*/\1/p'; }

# list_services: like that of identity.sh, but by the model: each start of Compose takes 130 ms of a processor. It is kept in a variable, as it
# has the values of secrets.
list_services() {
	model=$(compose config --format json) &&
		printf '%s\n' "$model" | services_of_model >"$scratch/names" && [ -s "$scratch/names" ] && cat "$scratch/names" && return
	# There are files of which Compose lists the services and makes no model.
	model=
	compose config --services
}

# Prints the output of identity.sh, a line `model`, and the model as JSON; no JSON if Compose cannot read its files.
print_model() {
	model=
	identify
	[ -n "${project:-}" ] || return 0
	echo model
	if [ -n "$model" ] && [ "$compose_profiles" = "$config_compose_profiles" ]; then
		printf '%s\n' "$model"
	else
		compose config --format json 2>/dev/null </dev/null
	fi
}
