# shellcheck shell=sh
# Prints the facts about each restore point: ID TAB NAME TAB VALUE. Besides the facts of its run: bytes (KiB), files, undo (number of
# scripts of its own), and gone.image.SERVICE or gone.verified.SERVICE for an image that it kept and that is no longer on the host. Needs locate-state.sh.

locate_state
[ -n "$state" ] && [ -d "$state/runs" ] || exit 0
cd "$state/runs" || refuse "$state/runs may not be read by $(id -un)" "ls -ld '$state/runs'"
tab=$(printf '\t')
# Nothing when Docker does not answer: then no image is known to be gone.
images=$(image_ids)
for folder in */restore; do
	id=${folder%/restore}
	[ -d "$folder" ] && grep -q "^restore_point$tab" "$id/facts" 2>/dev/null || continue
	printf '%s\tbytes\t%s\n' "$id" "$(du -sk "$folder" 2>/dev/null | cut -f 1)"
	printf '%s\tfiles\t%s\n' "$id" "$(find "$folder/files" ! -type d 2>/dev/null | wc -l)"
	printf '%s\tundo\t%s\n' "$id" "$(find "$folder/undo" -name '*.sh' 2>/dev/null | wc -l)"
	sed "s/^/$id$tab/" "$id/facts"
	[ -n "$images" ] || continue
	sed -n '/^\(image\|verified\)\./p' "$id/facts" | while IFS=$tab read -r what image; do
		printf '%s\n' "$images" | grep -qxF -e "$image" || printf '%s\tgone.%s\t%s\n' "$id" "$what" "$image"
	done
done
exit 0
