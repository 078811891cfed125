# shellcheck shell=sh
# Saves the current state, so that the run can be undone. Changes neither the work tree nor a container. It fails, before anything is
# changed, when something that a later step overwrites cannot be kept, or when nothing could be. Needs on-disk.sh, keep-path.sh,
# paths-at-stake.sh, keep-git.sh, keep-files.sh, container-facts.sh, keep-creation.sh, keep-images.sh. Reads: directory, project,
# restore_dir, run_umask.

umask "${run_umask:-077}"
mkdir -p "$restore_dir" || exit 1
# The folder of some deployments is inside the tool that manages them.
if [ "${folderless:-}" != 1 ]; then
	cd "$directory" || exit 1
	directory=$(pwd -P)
fi

keep_git
if ! keep_at_stake || ! keep_extra; then
	echo 'not everything that has to be saved can be saved, so nothing is changed'
	exit 1
fi
keep_files
keep_images
if [ "$kept" = 0 ]; then
	echo 'nothing could be saved, so nothing is changed'
	exit 1
fi
fact restore_point "$restore_dir"
# The plan and the records are beside it, git's objects and refs in the directory. Docker flushes its own files.
on_disk 60 "$restore_dir" . || echo 'The disk has not written it yet: after a power cut it may be missing'
exit 0
