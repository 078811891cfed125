# shellcheck shell=sh
# The restore point where something has to be stopped at once: only what the stop itself changes is noted before it, the
# commit and what Docker says of the containers. keep-rest.sh keeps the files and the images afterwards.
# Needs on-disk.sh, keep-path.sh, keep-git.sh, container-facts.sh, keep-images.sh. Reads: directory, project, restore_dir, run_umask.

umask "${run_umask:-077}"
mkdir -p "$restore_dir" || exit 1
if [ "${folderless:-}" != 1 ]; then
	cd "$directory" || exit 1
	directory=$(pwd -P)
fi

keep_git
note_containers
if [ "$kept" = 0 ]; then
	echo 'nothing could be saved, so nothing is changed'
	exit 1
fi
fact restore_point "$restore_dir"
# A slow disk must not delay the stop.
on_disk 2 "$restore_dir" . || echo 'The disk has not written it yet: after a power cut it may be missing'
exit 0
