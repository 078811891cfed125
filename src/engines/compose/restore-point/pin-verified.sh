# shellcheck shell=sh
# pin_verified keeps the images that the deployment's containers run after a verification that passed, with the restore point of that run, as
# pin_images keeps those of before: the next deployment may make its restore point too late, or none, and a prune would take them. Prints a
# line each: SERVICE TAB IMAGE; nothing if Docker does not answer. Needs engine.sh, keep-images.sh. Reads: project, restore_dir, run_id.
# shellcheck disable=SC2016 # Go templates have variables of their own
# shellcheck disable=SC2317 # pin calls these

pin_verified() {
	keep() { :; }
	miss() { lost="$lost $1"; }
	ids=$(engine ps -q --no-trunc --filter "label=com.docker.compose.project=$project" --filter label=com.docker.compose.oneoff=False 2>/dev/null)
	[ -n "$ids" ] || return 0
	# shellcheck disable=SC2086 # ids have no blanks
	engine inspect --format '{{.Image}} {{index .Config.Labels "com.docker.compose.service"}}' $ids 2>/dev/null | sort -u >"$restore_dir/verified-images"
	# shellcheck disable=SC2046 # ids have no blanks
	image_options $(cut -d ' ' -f 1 "$restore_dir/verified-images" | sort -u) >>"$restore_dir/image-options"
	while read -r image service; do
		lost=
		pin "$image" "$service"
		[ -n "$lost" ] || printf '%s\t%s\n' "$service" "$image"
	done <"$restore_dir/verified-images"
}
