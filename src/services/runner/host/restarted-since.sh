# shellcheck shell=sh
# restarted_since FILE: succeeds if the host was rebooted since it wrote its boot id there (random(4), boot_id).

restarted_since() {
	[ -s "$1" ] && read -r boot_then <"$1" && read -r boot_now </proc/sys/kernel/random/boot_id &&
		[ "$boot_then" != "$boot_now" ]
}
