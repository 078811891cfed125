# shellcheck shell=sh
# settings_since_good: prints how the ConfigMaps and Secrets of now differ from those of the newest deployment that was seen and had converged, a
# line each. Nothing when none was seen. Needs cluster.sh, json.sh, kubernetes.sh, kubernetes-settings.sh and kubernetes-keep.sh. Reads: state_dir.
settings_since_good() {
	[ -n "${state_dir:-}" ] || return 0
	for good in $(deployments); do
		was_well "$good" || continue
		settings_since "$good"
		return 0
	done
}
