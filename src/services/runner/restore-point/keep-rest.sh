# shellcheck shell=sh
# Keeps, after an emergency stop, what the stop has not changed: env files, Compose files, the images of the stopped containers, and the
# data that the runbook wants kept. What cannot be kept is printed, and does not make the stop a failure. Needs on-disk.sh, keep-path.sh,
# paths-at-stake.sh, keep-files.sh, keep-images.sh. Reads: directory, restore_dir, run_umask.

umask "${run_umask:-077}"
if [ "${folderless:-}" != 1 ]; then
	cd "$directory" || exit 1
	directory=$(pwd -P)
fi

keep_files
[ ! -s "$restore_dir/containers" ] || pin_images
keep_extra
on_disk 60 "$restore_dir" . || echo 'The disk has not written it yet: after a power cut it may be missing'
exit 0
