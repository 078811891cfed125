# shellcheck shell=sh
# Removes the networks and the empty volumes that did not exist when the restore point was made. A volume with files in it is kept:
# what was written since is nowhere else. Notes what is kept as the fact kept_since. Needs undo-created-state.sh. Reads: restore_dir,
# run_dir, run_id.

# an_image: prints an image that is on the host: one that this undo or the run before it has pinned.
an_image() {
	cat "$from_dir/image-ids" "$restore_dir/image-ids" 2>/dev/null | while read -r image; do
		engine image inspect --format '{{.Id}}' "$image" 2>/dev/null && break
	done
}

# is_empty_volume VOLUME: asks Docker through a container that is never started, since only root may read the volume's folder. The archive
# of an empty folder has one entry; of a full volume no more than a second entry is read.
is_empty_volume() {
	image=$(an_image)
	[ -n "$image" ] || return 1
	reader=$(engine create --network none --label "backout.run=$run_id" -v "$1:/backout-volume" "$image" true 2>/dev/null) || return 1
	entries=$(engine cp "$reader:/backout-volume/." - 2>/dev/null | head -c 20000 | tar -tf - 2>/dev/null)
	engine rm -v "$reader" >/dev/null
	case $entries in . | ./) return 0 ;; *) return 1 ;; esac
}

# why_kept KIND NAME: prints why it is not removed; nothing if it may be.
why_kept() {
	users=$(engine ps -a --filter "$1=$2" --format '{{.Names}}' | tr '\n' ' ') || return
	if [ -n "$users" ]; then
		echo "${users% } uses it"
	elif [ "$1" = volume ] && ! is_empty_volume "$2"; then
		echo "it contains files. \`docker volume rm $2\` removes it"
	fi
}

failed=0
kept=
created_since >"$run_dir/created-since" || {
	echo 'Docker does not say which networks and volumes there are'
	exit 1
}
while read -r kind name; do
	why=$(why_kept "$kind" "$name") || why='Docker does not say whether a container uses it'
	if [ -n "$why" ]; then
		echo "Kept $kind $name, which did not exist before: $why"
		kept="$kept${kept:+, }$kind $name"
	else
		engine "$kind" rm "$name" >/dev/null && echo "Removed $kind $name: there was none before" || failed=1
	fi
done <"$run_dir/created-since"
[ -z "$kept" ] || fact kept_since "$kept"
[ -s "$run_dir/created-since" ] || echo 'No network or volume was created since'
exit "$failed"
