# shellcheck shell=sh
# Stops the services that the undone run interrupted, as its undo scripts work on their data. Those that ran before are started again later.
# Needs deployment.sh. Reads: from_interrupts.

for service in $from_interrupts; do
	ids=$(containers_of "$service")
	[ -n "$ids" ] || {
		echo "$service is stopped already"
		continue
	}
	# By id, not through Compose, which stops nothing while .env or its file does not parse.
	# shellcheck disable=SC2086 # ids have no blanks
	timeout 90 docker stop -t 30 $ids >/dev/null </dev/null || exit
	echo "Stopped $service"
done
