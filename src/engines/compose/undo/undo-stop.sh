# shellcheck shell=sh
# Stops the services that the undone run interrupted: what it noted to be undone works on their data. They are started
# again later when they ran then. Needs deployment.sh. Reads: from_interrupts.

for service in $from_interrupts; do
	ids=$(containers_of "$service")
	[ -n "$ids" ] || {
		echo "$service is stopped already"
		continue
	}
	# By id, not by Compose: it stops nothing while .env or its file does not parse.
	# shellcheck disable=SC2086 # ids have no blanks
	timeout 90 docker stop -t 30 $ids >/dev/null </dev/null || exit
	echo "Stopped $service"
done
