# shellcheck shell=sh disable=SC2154 # the variables of a step
# Builds that begin with what another service of the same files builds (FROM shop-base): Compose knows nothing of it, builds them side by
# side, and leaves out one that is in no profile in use. So an image of an older commit would be made on the base of the newer one.
# Needs deployment.sh, rollout.sh and hold.sh. Reads: tree_top (tree.sh), run_dir, restore_dir, run_id, project.

# read_builds TREE: notes what the files there build, of all profiles, in $run_dir/builds: SERVICE TAB image, context, dockerfile, inline,
# arg or from TAB VALUE.
read_builds() (
	# shellcheck disable=SC2034 # compose_in reads it
	compose_profiles=$(compose_in "$tree_top" "$1" config --profiles 2>/dev/null </dev/null)
	compose_in "$tree_top" "$1" config 2>/dev/null </dev/null | awk '
		# The text of a value: without quotes, a dollar sign of Compose once, and lines where it has several.
		function text(value) {
			if (value ~ /^".*"$/) { value = substr(value, 2, length(value) - 2); gsub(/\\n/, "\n", value); gsub(/\\"/, "\"", value) }
			else if (value ~ /^\047.*\047$/) value = substr(value, 2, length(value) - 2)
			gsub(/\$\$/, "$", value)
			return value
		}
		function say(kind, value, part, n, i) {
			n = split(text(value), part, "\n")
			for (i = 1; i <= n; i++) print service "\t" kind "\t" part[i]
		}
		function rest() { sub(/^[^:]*: */, ""); return $0 }
		/^[^ ]/ { at = $0 == "services:"; next }
		!at { next }
		/^  [^ ]/ { service = text(substr($0, 3, length($0) - 3)); next }
		/^    [^ ]/ { build = /^    build:/; if (/^    image:/) say("image", rest()); next }
		!build { next }
		/^      [^ ]/ {
			kind = $1
			if (kind == "dockerfile_inline:") { if ($2 !~ /^[|>]/) say("inline", rest()) }
			else if (kind == "context:" || kind == "dockerfile:") say(substr(kind, 1, length(kind) - 1), rest())
			next
		}
		/^        / {
			sub(/^        /, "")
			if (kind == "dockerfile_inline:") print service "\tinline\t" text($0)
			else if (kind == "args:") say("arg", $0)
			else if (kind == "additional_contexts:") say("from", rest())
		}' >"$run_dir/builds"
	all_names=$(image_names "$tree_top" "$1")
	sed -n "s/${tab}context$tab.*//p" "$run_dir/builds" | sort -u | while IFS= read -r one; do
		of_build "$one" image | grep -q . || printf '%s\timage\t%s\n' "$one" "$(default_image "$one" "$all_names")"
	done >"$run_dir/builds.names"
	cat -- "$run_dir/builds.names" >>"$run_dir/builds"
)

# of_build SERVICE KIND: prints its values.
of_build() { sed -n "s/^$1$tab$2$tab//p" "$run_dir/builds"; }

# built_name SERVICE: prints the name of the image that it builds.
built_name() { of_build "$1" image; }

# dockerfile_of SERVICE: prints its Dockerfile.
dockerfile_of() {
	of_build "$1" inline | grep . && return
	file=$(of_build "$1" dockerfile)
	case $file in /*) ;; *) file=$(of_build "$1" context)/${file:-Dockerfile} ;; esac
	[ ! -f "$file" ] || cat -- "$file"
}

# begins_with SERVICE: prints the names of images that its build begins with, or copies from: those of FROM, of --from=, and of further
# contexts. Arguments are put in as the files give them, or else by their defaults.
begins_with() {
	of_build "$1" from | sed -n 's|^docker-image://||p'
	{
		of_build "$1" arg | sed 's/^/GIVEN /'
		dockerfile_of "$1" | tr -d '\r'
	} | awk '
		function put_in(word, name, value) {
			while (match(word, /\$(\{[A-Za-z_][A-Za-z_0-9]*(:-[^}]*)?\}|[A-Za-z_][A-Za-z_0-9]*)/)) {
				name = substr(word, RSTART + 1, RLENGTH - 1); value = ""
				gsub(/[{}]/, "", name)
				if (index(name, ":-")) { value = substr(name, index(name, ":-") + 2); name = substr(name, 1, index(name, ":-") - 1) }
				if (name in argument) value = argument[name]
				word = substr(word, 1, RSTART - 1) value substr(word, RSTART + RLENGTH)
			}
			return word
		}
		{ verb = toupper($1) }
		verb == "GIVEN" { name = $2; sub(/:$/, "", name); sub(/^[^:]*: */, ""); gsub(/^["\047]|["\047]$/, ""); argument[name] = $0; next }
		verb == "ARG" && index($2, "=") {
			name = $2; sub(/=.*/, "", name); value = substr($2, length(name) + 2); gsub(/["\047]/, "", value)
			if (!(name in argument)) argument[name] = value
		}
		verb == "FROM" { for (i = 2; i <= NF; i++) if ($i !~ /^--/) { print put_in($i); break } }
		{ for (i = 2; i <= NF; i++) if (match($i, /(^--|,)from=[^,]*/)) { name = substr($i, RSTART, RLENGTH); sub(/.*from=/, "", name); print put_in(name) } }'
}

# whole_name: completes the names on standard input as Docker does.
whole_name() { sed -e 's|^docker\.io/||; s|^library/||' -e '/^$/d; /@/b' -e '\|:[^/]*$|!s/$/:latest/'; }

# bases_of SERVICE: prints the services whose image its build begins with.
bases_of() {
	begins_with "$1" | whole_name | sort -u >"$run_dir/begins"
	sed -n "s/^\([^$tab]*\)${tab}context$tab.*/\1/p" "$run_dir/builds" | sort -u | while IFS= read -r other; do
		[ "$other" != "$1" ] || continue
		! built_name "$other" | whole_name | grep -qxF -f "$run_dir/begins" || printf '%s\n' "$other"
	done
	of_build "$1" from | sed -n 's/^service://p'
}

# built_before SERVICE...: prints the services that have to be built before these, on one line, each before what begins with it.
built_before() {
	first='' round=$*
	for _ in 1 2 3 4 5 6 7 8; do
		next=
		for one in $round; do
			for base in $(bases_of "$one"); do
				# To the front, also where it is there already: what it begins with comes before it in the next round.
				first="$base $(for other in $first; do [ "$other" = "$base" ] || printf '%s ' "$other"; done)"
				next="$next $base"
			done
		done
		[ -n "$next" ] || break
		round=$next
	done
	printf '%s\n' "$first"
}

# keep_base SERVICE: notes what the name of its image stands for now, and keeps that image, as the restore point does not know of a service
# that is in no profile in use.
keep_base() {
	base_name=$(built_name "$1")
	! grep -q " $base_name\$" "$restore_dir/image-names" 2>/dev/null || return 0
	base_id=$(image_id "$base_name")
	printf '%s %s\n' "${base_id:-none}" "$base_name" >>"$restore_dir/image-names"
	[ -n "$base_id" ] || return 0
	base_number=$(grep -c '^backout/base:' "$restore_dir/pinned" 2>/dev/null)
	base_tag=backout/base:$run_id-$((${base_number:-0} + 2))
	engine tag -- "$base_id" "$base_tag" || return
	printf '%s %s\n' "$base_tag" "$base_id" >>"$restore_dir/pinned"
	# By its name alone it would go with `docker image prune -a`.
	never_runs "$base_id" --name "backout-${base_tag#*:}-base" --label "backout.run=$run_id" || :
}

# build_one TREE SERVICE: has the image of a service at the commit: one that is still here, or a new one.
build_one() {
	key=$(build_key "$1" "$2")
	id=$(known_image "$2" "$key")
	if [ -n "$id" ]; then
		[ "$(image_id "$(built_name "$2")")" = "$id" ] || engine tag -- "$id" "$(built_name "$2")"
		return
	fi
	compose_in "$tree_top" "$1" build "$2" </dev/null && note_built "$1" "$2" "$(built_name "$2")"
}

# build_bases TREE SERVICE...: builds what these begin with, before them.
build_bases() {
	bases_tree=$1
	shift
	read_builds "$bases_tree"
	for base in $(built_before "$@"); do
		echo "First $base, as its image is the base of another one: $(built_name "$base")"
		keep_base "$base" && build_one "$bases_tree" "$base" || return
	done
}
