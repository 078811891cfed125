# shellcheck shell=sh
# Gives a service another spec, by the Engine API: at the version that was read together with the spec that the plan saw, so that the
# engine refuses where somebody was faster. Never by `rollback=previous`, which knows one step only and goes to the bad spec when called
# twice. Needs json.sh, swarm.sh, swarm-lock.sh and swarm-keep.sh. Reads: stack, run_dir, plan_ground (what the plan saw, as swarm-ground.sh prints it;
# without it, what is there now is taken for it).

# seen SERVICE FIELD: prints a field of the service in the plan's ground: `version`, `spec` or `id`. Nothing without a plan.
seen() { printf '%s\n' "${plan_ground:-}" | sed -n "s/^service: $1,.* $2 \\([a-z0-9]*\\).*/\\1/p" | head -n 1; }

# version_to_change ROW: prints the version at which the service of this line of `service_rows` may be changed. Docker counts a version up
# also when an update of its own goes on; while the spec is what the plan saw, or what this run wrote, nobody else has changed it.
version_to_change() (
	name=$(printf '%s\n' "$1" | cut -f 1) version=$(printf '%s\n' "$1" | cut -f 3) sum=$(printf '%s\n' "$1" | cut -f 7)
	then=$(seen "$name" spec)
	if [ -z "$then" ] || [ "$sum" = "$then" ] || grep -qxF -e "$name $sum" "$run_dir/written" 2>/dev/null; then
		echo "$version"
	else
		seen "$name" version
	fi
)

# put_spec SERVICE FILE [FORCE]: gives the service the spec in the file, or creates the service where there is none. Fails with the engine's
# reason, without a change. FORCE is the counter of forced updates: a higher one makes all tasks anew; without it, it stays as it is.
put_spec() {
	case $1 in '' | *[!A-Za-z0-9_.-]*)
		echo "not the name of a service: $1"
		return 1
		;;
	esac
	lock_is_ours || return
	all=$(service_rows) || return
	row=$(printf '%s\n' "$all" | awk -F '\t' -v name="$1" '$1 == name')
	spec=$run_dir/put.json
	if [ -z "$row" ]; then
		(umask 077 && cat -- "$2" >"$spec") || return
		said=$(api POST /services/create "$spec" 2>&1) || {
			echo "$1 cannot be created: $said"
			return 1
		}
		echo "$1 is created anew"
	else
		id=$(printf '%s\n' "$row" | cut -f 2) version=$(version_to_change "$row")
		# A counter that goes back would make every task anew, and `docker stack deploy` leaves it as it is, too.
		force=$(printf '%s\n' "$row" | cut -f 9 | json_row TaskTemplate.ForceUpdate)
		[ "$force" != - ] || force=0
		(umask 077 && json_set TaskTemplate.ForceUpdate "${3:-$force}" <"$2" >"$spec") || return
		said=$(api POST "/services/$id/update?version=$version" "$spec" 2>&1) || {
			rm -f -- "$spec"
			case $said in
				*'out of sequence'*) echo "somebody has changed $1 since the plan was made: Docker refused the update, and nothing was changed. Plan again." ;;
				*) echo "Docker refused the update of $1: $said" ;;
			esac
			return 1
		}
		case $said in *'"Warnings":null'* | '{}' | '') ;; *) printf '%s: Docker warns: %s\n' "$1" "$said" ;; esac
	fi
	# The engine gives a spec back byte for byte. What differs now is somebody else's.
	printf '%s %s\n' "$1" "$(sum_of "$(cat -- "$spec")")" >>"$run_dir/written"
	rm -f -- "$spec"
}

# change_spec SERVICE PATH VALUE...: changes values (JSON texts) of the spec that the service has now.
change_spec() {
	changed=$1
	row=$(service_row "$1") || return
	shift
	(umask 077 && printf '%s\n' "$row" | cut -f 9 | json_set "$@" >"$run_dir/changed.json") || return
	put_spec "$changed" "$run_dir/changed.json"
	code=$?
	rm -f -- "$run_dir/changed.json"
	return "$code"
}

# fitting_spec FOLDER SERVICE [look]: prints the kept spec with the ids that configs, secrets and networks have now. One that is gone and whose name
# belongs to nothing is created anew from the kept content (a config). Otherwise fails and says which. With
# `look` nothing is created: it only finds out whether this will work.
fitting_spec() (
	umask 077
	# Plans ask too, and have no folder of a run.
	scratch=$(mktemp -d) || exit
	trap 'rm -rf -- "$scratch"' EXIT
	trap 'exit 143' HUP INT PIPE TERM
	spec=$scratch/spec
	cp -- "$1/spec/$2.json" "$spec" || exit
	failed=0
	for kind in configs secrets networks; do
		now=$(things_now "$kind") || exit
		while IFS='	' read -r name id sum; do
			grep -q "\"$id\"" "$spec" || continue
			! printf '%s\n' "$now" | cut -f 2 | grep -qxF -e "$id" || continue
			other=$(printf '%s\n' "$now" | awk -F '\t' -v name="$name" '$1 == name { print $2 "\t" $3; exit }')
			if [ -n "$other" ] && { [ "$kind" = networks ] || { [ "$kind" = configs ] && [ "${other#*	}" = "$sum" ]; }; }; then
				new=${other%%	*}
			elif [ -n "$other" ] && [ "$kind" = configs ]; then
				echo "$2 used the config $name, and another one has that name now, with other content: remove it or deploy under another name, then plan again" >&2
				failed=1
				continue
			elif [ -n "$other" ]; then
				echo "$2 used the secret $name, and another one has that name now: Docker does not show whether its content is the same" >&2
				failed=1
				continue
			elif [ "$kind" = configs ] && [ -s "$1/config/$id.json" ]; then
				[ "${3:-}" != look ] || continue
				new=$(api POST /configs/create "$1/config/$id.json" | json_row ID) && [ -n "$new" ] || exit
				echo "created the config $name anew from what was kept" >&2
			else
				echo "$2 used the ${kind%s} $name, which is gone and cannot be made anew" >&2
				failed=1
				continue
			fi
			sed "s/\"$id\"/\"$new\"/g" "$spec" >"$spec.new" && mv -- "$spec.new" "$spec" || exit
		done <"$1/$kind"
	done
	[ "$failed" = 0 ] || exit 1
	cat -- "$spec"
)

# things_now KIND: prints what there is of `configs`, `secrets` or `networks`: NAME, ID and, of a config, the SUM of its content.
things_now() {
	case $1 in
		networks) api GET /networks | json_rows Name Id ;;
		secrets) api GET /secrets | json_rows Spec.Name ID ;;
		configs)
			api GET /configs | json_rows Spec.Name ID Spec.Data | while IFS='	' read -r name id data; do
				printf '%s\t%s\t%s\n' "$name" "$id" "$(sum_of "$data")"
			done
			;;
	esac
}
