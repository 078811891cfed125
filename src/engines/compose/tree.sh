# shellcheck shell=sh
# A folder with the deployment's files as they will be: the whole repository at a commit with its submodules, the local
# changes that stay, and what git does not keep but the deployment has (.env, an override of this host, files that a
# build needs). Plans read the Compose files there, builds build there, and going to the commit makes the work tree the
# same. Nothing of the work tree, its index or git's own list of work trees is touched.
#
# Needs deployment.sh, submodules.sh, git-as-owner's `git`, and the current folder inside the work tree. Whatever fails says why on
# standard error.

# owned_by_git FOLDER: makes a folder that the user who runs git here may write to.
owned_by_git() {
	mkdir -p -- "$1" || return
	if [ "$(id -u)" = 0 ]; then chown -- "$(stat -c %u:%g -- "$directory")" "$1"; fi
}

# around ROOT TOP: makes a place for a copy of the folder TOP, ROOT$TOP, beside which is all that is beside TOP and the folders above it, as
# links: so a path of a Compose file that leaves TOP (../shared.env) leads to the same file. Without ROOT it is the real path.
around() (
	root=$1 at='' rest=${2#/}
	owned_by_git "$root" || exit
	while :; do
		first=${rest%%/*}
		# By find, as there may be more of them than fit on a command line. What cannot be listed cannot be named, either.
		# shellcheck disable=SC2016 # expanded by the other shell
		find "$at/" -mindepth 1 -maxdepth 1 -exec sh -c 'ln -s -- "$@" "$0"' "$root$at/" {} + 2>/dev/null
		rm -f -- "$root$at/$first" || exit
		case $rest in */*) ;; *) exit 0 ;; esac
		at=$at/$first rest=${rest#*/}
		owned_by_git "$root$at" || exit
	done
)

# tree_of COMMIT TREE [light]: makes TREE, which must not exist. tree_side: begin of the names of files that this needs meanwhile. light: only for Compose to read: files over 1 MiB are left empty, and what
# git does not keep is linked, not copied.
tree_of() {
	tree_commit=$1 tree_at=$2 tree_kind=${3:-whole} tree_side=${tree_side:-$2}
	tree_top=$(git rev-parse --show-toplevel) || return
	owned_by_git "$tree_at" || return
	# The index of this export is in a folder of its own, since git writes a lock beside it.
	owned_by_git "$tree_side.index" || return
	export_commit "$tree_top" "$tree_commit" "$tree_at" "$tree_side.index/top" || {
		rm -rf -- "$tree_at" "$tree_side.index"
		return 1
	}
	rm -rf -- "$tree_side.index"
	tree_whole=$tree_at within=
	own_lists=$(find "$tree_at" -name '?*.dockerignore' | head -n 1)
	submodules_of "$tree_top" "$tree_commit" >"$tree_side.submodules"
	keep_local_changes && bring_along || return
	while read -r module_commit module_path; do
		(
			tree_top=$tree_top/$module_path tree_at=$tree_at/$module_path tree_commit=$module_commit within=$module_path/
			cd -- "$tree_top" && keep_local_changes && bring_along
		) </dev/null || return
	done <"$tree_side.submodules"
	rm -f -- "$tree_side.submodules"
	[ "$tree_kind" = light ] || bring_git
}

# tree_is_here COMMIT LIST: lists the files of the commit with their sizes in the file LIST. Fails where a clone without all files (git clone
# --filter) does not have them, and its remote does not give them: Compose would find some files, and not others.
tree_is_here() {
	git ls-tree -r -l -z "$1" >"$2" 2>"$2.said" && return
	cat -- "$2.said" >&2
	[ -z "$(git config --get-regexp '^remote\..*\.promisor$')" ] ||
		echo "this clone is without the files of older commits (git clone --filter), and git cannot fetch those of this commit now: make its remote reachable, or bring them by another way, as with a bundle. $(grep -m 1 '^fatal' "$2.said")" >&2
	return 1
}

# export_commit TOP COMMIT TREE INDEX: writes the files of a commit, filters such as Git LFS applied, with submodules. TREE is git's work tree
# meanwhile: in the real one, git would go by the .gitattributes of the commit that is deployed now.
export_commit() (
	cd -- "$1" || exit
	GIT_INDEX_FILE=$4 GIT_WORK_TREE=$3
	export GIT_INDEX_FILE GIT_WORK_TREE
	if [ "$(git config --get --type=bool core.sparseCheckout)" = true ]; then
		# Only this way git leaves out what the work tree leaves out.
		if [ "$tree_kind" = light ]; then
			git -c filter.lfs.smudge= -c filter.lfs.process= -c filter.lfs.required=false read-tree -m -u "$2"
		else
			git_whole read-tree -m -u "$2"
		fi || exit
		[ "$tree_kind" = light ] || no_pointers "$3" || exit
	elif [ "$tree_kind" = light ]; then
		git read-tree "$2" && tree_is_here "$2" "$4.list" || exit
		# Compose does not need big files or the content of Git LFS. The list goes through a pipe with NUL between the names.
		tr '\n\0' '\1\n' <"$4.list" | awk '$2 == "blob" && $4 <= 1048576 { sub(/^[^\t]*\t/, ""); print }' | tr '\n\1' '\0\n' |
			git -c filter.lfs.smudge= -c filter.lfs.process= -c filter.lfs.required=false checkout-index -q -z --stdin || exit
		tr '\n\0' '\1\n' <"$4.list" | awk '$2 == "blob" && $4 > 1048576 { sub(/^[^\t]*\t/, ""); print }' |
			while IFS= read -r big; do
				case $big in *"$(printf '\1')"*) continue ;; esac
				mkdir -p -- "$3/$(dirname -- "$big")" && : >"$3/$big"
			done
	else
		git read-tree "$2" && tree_is_here "$2" "$4.list" && git_whole checkout-index -q -a || exit
		no_pointers "$3" || exit
	fi
	unset GIT_WORK_TREE
	export_submodules "$1" "$2" "$3" "$4"
)

# no_pointers TREE: fails for a file that is a Git LFS pointer of three lines, as without git-lfs an image built from it would be broken.
# Attributes are in any folder, and in git's own.
no_pointers() {
	{
		find "$1" -name .gitattributes -type f -exec grep -l 'filter=lfs' {} +
		grep -l 'filter=lfs' "$(git rev-parse --git-path info/attributes)"
	} 2>/dev/null | grep -q . || return 0
	pointer=$(find "$1" -type f -size -2 -exec grep -l -m 1 '^version https://git-lfs.github.com/spec/v1$' {} + 2>/dev/null | head -n 1)
	[ -z "$pointer" ] || {
		echo "${pointer#"$1"/} is stored in Git LFS, and its content at this commit is not on this host: git lfs fetch, or install git-lfs" >&2
		return 1
	}
}

# export_submodules: a submodule that is not checked out here is not part of what is deployed, unless the deployed commit does not have it.
export_submodules() {
	git ls-tree -r -z "$2" | tr '\n\0' '\1\n' | sed -n 's/^160000 commit \([0-9a-f]*\)	/\1 /p' >"$4.modules"
	while read -r module_commit module_path; do
		owned_by_git "$3/$module_path"
		[ -e "$1/$module_path/.git" ] || {
			[ "$(git rev-parse -q --verify "HEAD:$module_path")" = "" ] || continue
			echo "this commit has a submodule $module_path, which the deployed one does not have, and it is not here: clone its repository to '$1/$module_path', or choose an image instead of a commit" >&2
			return 1
		}
		git -C "$1/$module_path" cat-file -e "$module_commit^{commit}" 2>/dev/null ||
			{
				echo "submodule $module_path is at $module_commit in this commit, which is not on this host: git -C '$1/$module_path' fetch" >&2
				return 1
			}
		export_commit "$1/$module_path" "$module_commit" "$3/$module_path" "$4.$(printf '%s' "$module_path" | tr -c 'A-Za-z0-9' _)" || return
	done <"$4.modules"
}

# keep_local_changes: adds local changes to the tree, as git reset --keep keeps them in the work tree. It and what follows are called for the
# top and for each submodule, with its own tree_top, tree_at and tree_commit; within: its path from the top, with a slash.
keep_local_changes() {
	(
		cd -- "$tree_top" || exit
		git -c core.quotePath=false diff --name-only --no-renames --ignore-submodules=all -z HEAD -- | tr '\n\0' '\1\n'
	) >"$tree_side.local" || return
	while IFS= read -r path; do
		case $path in *"$(printf '\1')"*) continue ;; esac
		# A change to a file that the commit has in another version is in the way; a precondition says so.
		[ "$(git rev-parse --verify --quiet "HEAD:$path")" = "$(git rev-parse --verify --quiet "$tree_commit:$path")" ] || continue
		if [ -e "$tree_top/$path" ] || [ -L "$tree_top/$path" ]; then
			mkdir -p -- "$tree_at/$(dirname -- "$path")" && rm -rf -- "${tree_at:?}/$path" && cp -a -- "$tree_top/$path" "$tree_at/$path" || return
		else
			rm -f -- "$tree_at/$path"
		fi
		printf 'with the local change of %s\n' "$within$path"
	done <"$tree_side.local"
	rm -f -- "$tree_side.local"
	keep_overlooked
}

# keep_overlooked: does the same for files that git was told to overlook (skip-worktree, assume-unchanged), and leaves out those that are not in
# the work tree.
keep_overlooked() {
	(cd -- "$tree_top" && git ls-files -v -z | tr '\n\0' '\1\n' | sed -n 's/^[a-zS] //p') >"$tree_side.overlooked" || return
	while IFS= read -r path; do
		case $path in *"$(printf '\1')"*) continue ;; esac
		if [ ! -e "$tree_top/$path" ] && [ ! -L "$tree_top/$path" ]; then
			rm -f -- "$tree_at/$path"
			continue
		fi
		# A submodule goes to the commit all the same.
		[ ! -e "$tree_top/$path/.git" ] || continue
		blob=$(git rev-parse --verify --quiet "HEAD:$path")
		[ "$blob" = "$(git rev-parse --verify --quiet "$tree_commit:$path")" ] || continue
		[ "$(cd -- "$tree_top" && git hash-object -- "$path" 2>/dev/null)" != "$blob" ] || continue
		mkdir -p -- "$tree_at/$(dirname -- "$path")" && rm -rf -- "${tree_at:?}/$path" && cp -a -- "$tree_top/$path" "$tree_at/$path" || return
		printf 'with the local change of %s\n' "$within$path"
	done <"$tree_side.overlooked"
	rm -f -- "$tree_side.overlooked"
}

# bring_along: adds what git does not keep: links for reading, copies for a build, which follows no link out of its folder. Copies are hard
# links if possible, so a folder of data needs no space.
bring_along() {
	(
		cd -- "$tree_top" || exit
		git -c core.quotePath=false ls-files --others --directory -z | tr '\n\0' '\1\n'
	) >"$tree_side.others" || return
	while IFS= read -r path; do
		case $path in *"$(printf '\1')"* | .git/*) continue ;; esac
		path=${path%/}
		if [ "$tree_kind" = whole ] && ! in_a_build "$within$path"; then kind=light; else kind=$tree_kind; fi
		bring "$path" || return
	done <"$tree_side.others"
	rm -f -- "$tree_side.others"
}

# bring_git: gives the tree git's own folder, with the commit checked out, where a build would get it: a Dockerfile may ask it for the version
# (git describe). By hard links if possible: git replaces the files that it changes, except for its logs.
bring_git() {
	in_a_build .git || return 0
	# Of another work tree (git worktree) it is a file, which leads out of the build.
	if [ -d "$tree_top/.git" ]; then
		cp -al -- "$tree_top/.git" "$tree_at/.git" 2>/dev/null || {
			rm -rf -- "$tree_at/.git"
			[ "$(du -sk -- "$tree_top/.git" | cut -f 1)" -lt 1048576 ] || {
				echo "without git's own folder, which is too large for a copy: a build that reads .git gets nothing"
				return 0
			}
			cp -a -- "$tree_top/.git" "$tree_at/.git" || return
		}
		rm -rf -- "$tree_at/.git/logs" "$tree_at/.git/index" "$tree_at/.git/worktrees"
		find "$tree_at/.git" -name '*.lock' -type f -exec rm -f -- {} +
		git --git-dir="$tree_at/.git" update-ref HEAD "$tree_commit" &&
			git --git-dir="$tree_at/.git" --work-tree="$tree_at" read-tree "$tree_commit" || return
	elif [ -f "$tree_top/.git" ]; then
		cp -a -- "$tree_top/.git" "$tree_at/.git" || return
	fi
	echo "with git's own folder, as of that commit: name .git in .dockerignore if no build needs it"
}

# bring PATH: enters a folder of which the commit has files; a file that the commit has stays the commit's.
bring() {
	[ -e "$tree_top/$1" ] || [ -L "$tree_top/$1" ] || return 0
	# A submodule that the deployed commit does not have is no file of the top's.
	[ ! -e "$tree_top/$1/.git" ] || ! cut -d ' ' -f 2- "$tree_side.submodules" | grep -qxF -e "$within$1" || return 0
	if [ -d "$tree_at/$1" ] && [ ! -L "$tree_at/$1" ] && [ -d "$tree_top/$1" ] && [ ! -L "$tree_top/$1" ]; then
		for entry in "$tree_top/$1"/* "$tree_top/$1"/.[!.]* "$tree_top/$1"/..?*; do
			[ -e "$entry" ] || [ -L "$entry" ] || continue
			bring "$1/${entry##*/}" || return
		done
		return 0
	fi
	[ ! -e "$tree_at/$1" ] && [ ! -L "$tree_at/$1" ] || return 0
	mkdir -p -- "$tree_at/$(dirname -- "$1")" || return
	if [ "$kind" = light ]; then
		ln -s -- "$tree_top/$1" "$tree_at/$1"
	elif cp -al -- "$tree_top/$1" "$tree_at/$1" 2>/dev/null; then
		printf 'with %s, which git does not keep\n' "$within$1"
	else
		rm -rf -- "${tree_at:?}/$1"
		cp -a -- "$tree_top/$1" "$tree_at/$1" ||
			{
				echo "$within$1 is not in git, may be needed by the build, and cannot be copied: if the build does not need it, name it in .dockerignore" >&2
				return 1
			}
		printf 'with a copy of %s, which git does not keep\n' "$within$1"
	fi
}

# in_a_build PATH: succeeds if a build would get it: it is in a build's folder whose .dockerignore does not name it as a whole.
# build_contexts: folders relative to the top, one per line; `.` is the top.
in_a_build() {
	printf '%s\n' "${build_contexts:-.}" >"$tree_side.contexts"
	found=1
	while IFS= read -r context; do
		case $context in
			.) inside=$1 ;;
			*)
				case $1 in
					"$context"/*) inside=${1#"$context"/} ;;
					*)
						# The folder contains the build's folder.
						case $context/ in "$1"/*) found=0 && break ;; *) continue ;; esac
						;;
				esac
				;;
		esac
		is_ignored "$tree_whole/$context/.dockerignore" "$inside" || {
			found=0
			break
		}
	done <"$tree_side.contexts"
	rm -f -- "$tree_side.contexts"
	return "$found"
}

# is_ignored FILE PATH: treats patterns with wildcards as not ignoring: a needless copy does no harm. Neither is anything ignored that a later
# line may include again in part, or where a Dockerfile has a list of its own (Dockerfile.dockerignore).
is_ignored() {
	[ -e "$1" ] && [ -z "$own_lists" ] || return 1
	first=${2%%/*}
	! sed -n -e 's|^!/*||p' "$1" | grep -qE -e '^\*' -e "^$(printf '%s' "$2" | sed 's/[][\.*^$+?(){}|/]/\\&/g')/" || return 1
	if grep -qE '^/?\*\*?/?$' "$1"; then
		# Everything is ignored except what a later line includes again.
		! grep -qE '^!/?(\*|'"$(printf '%s' "$first" | sed 's/[][\.*^$+?(){}|/]/\\&/g')"'(/|$))' "$1"
	else
		grep -qxF -e "$2" -e "/$2" -e "$2/" -e "/$2/" -e "$2/**" -e "**/${2##*/}" -e "$first" -e "/$first" -e "$first/" "$1"
	fi
}
