# shellcheck shell=sh
# The ConfigMaps and Secrets that pod templates name: a revision of a workload names them only, and an edit in place is in none. Needs
# cluster.sh, json.sh, who-changed.sh and kubernetes.sh. Reads: run_dir, run_facts (may be missing).

# settings_of: prints which settings the spec on standard input names, a line each: `configmap NAME` or `secret NAME`.
settings_of() {
	json_lines | LC_ALL=C sed -n 's/^.*\.\(configMapRef\|configMapKeyRef\|configMap\)\.name "\(.*\)"$/configmap \2/p
		s/^.*\.\(secretRef\|secretKeyRef\|secret\)\.\(name\|secretName\) "\(.*\)"$/secret \3/p' | LC_ALL=C sort -u
}

# setting_json KIND NAME: prints the ConfigMap or Secret as one that can be created again; nothing when it is not there. Fails when the API
# server does not give it.
setting_json() {
	setting=$(cluster_said get "$1" "$2" --ignore-not-found -o json) || return
	[ -n "$setting" ] || return 0
	case $1 in secret) setting_kind=Secret ;; *) setting_kind=ConfigMap ;; esac
	printf '%s\n' "$setting" | json_row metadata.name metadata.labels metadata.annotations immutable type data binaryData | while IFS='	' read -r name labels annotations immutable type data binary; do
		printf '{"apiVersion":"v1","kind":"%s","metadata":{"name":"%s"%s%s}%s%s%s%s}\n' "$setting_kind" "$name" "$(member labels "$labels")" "$(member annotations "$annotations")" \
			"$(member immutable "$immutable")" "$([ "$type" = - ] || printf ',"type":"%s"' "$type")" "$(member data "$data")" "$(member binaryData "$binary")"
	done
}

# member KEY VALUE: prints a member of a JSON object with a comma before it; nothing where there is no value.
member() { [ "$2" = - ] || printf ',"%s":%s' "$1" "$2"; }

# content_sum: prints a sum of the content of the ConfigMap or Secret on standard input.
content_sum() { sum_of "$(json_row data binaryData)"; }

# setting_version KIND NAME: prints UID and RESOURCE VERSION of a ConfigMap or Secret; nothing when it is not there.
setting_version() { cluster_said get "$1" "$2" --ignore-not-found -o 'jsonpath={.metadata.uid} {.metadata.resourceVersion}'; }

# setting_differs FOLDER KIND NAME: says in what a setting of now differs from the kept one, by the names of its keys; nothing when it does not. Fails
# when it is not known.
setting_differs() (
	kept_setting=$1/setting/$2.$3.json
	[ -s "$kept_setting" ] || {
		echo "$2 $3 was kept by name only: it is not known whether its content is the same"
		exit 1
	}
	now_setting=$(setting_json "$2" "$3") || exit
	[ -n "$now_setting" ] || {
		echo "$2 $3 is gone"
		exit 0
	}
	[ "$(printf '%s\n' "$now_setting" | content_sum)" != "$(content_sum <"$kept_setting")" ] || exit 0
	scratch=$(mktemp -d) || exit
	trap 'rm -rf -- "$scratch"' EXIT
	trap 'exit 143' HUP INT PIPE TERM
	printf '%s\n' "$now_setting" | json_lines | LC_ALL=C grep -aE '^(data|binaryData)\.' | LC_ALL=C sort >"$scratch/now"
	json_lines <"$kept_setting" | LC_ALL=C grep -aE '^(data|binaryData)\.' | LC_ALL=C sort >"$scratch/then"
	# The values may be secrets: only the names of the keys are printed.
	keys=$(LC_ALL=C comm -3 "$scratch/now" "$scratch/then" | sed 's/^	//; s/ .*//; s/^[^.]*\.//' | sort -u | tr '\n' ' ')
	echo "$2 $3 has another content than then, in ${keys% }"
)

# put_setting FOLDER KIND NAME: gives a ConfigMap or Secret its kept content again, at the version that is read here, or creates it anew. What
# is as it was then is left alone.
put_setting() {
	put_kept=$1/setting/$2.$3.json
	[ -s "$put_kept" ] || {
		echo "$2 $3 was kept by name only, and stays as it is"
		return 0
	}
	lock_is_ours && version=$(setting_version "$2" "$3") || return
	put_file=$run_dir/setting.json
	if [ -z "$version" ]; then
		said=$(cluster create -f "$put_kept" -o name 2>&1) || {
			echo "$2 $3 cannot be created: $said"
			return 1
		}
		note_setting "$2/$3" "$(content_sum <"$put_kept")"
		echo "$2 $3 is created anew, with its content of then"
		return 0
	fi
	is=$(setting_json "$2" "$3") || return
	if [ "$(printf '%s\n' "$is" | content_sum)" = "$(content_sum <"$put_kept")" ]; then
		return 0
	fi
	[ "$(printf '%s\n' "$is" | json_row immutable)" != true ] || {
		echo "$2 $3 has another content than then, and is immutable: delete it, then run this again"
		return 1
	}
	(
		umask 077
		json_row data binaryData <"$put_kept" | while IFS='	' read -r data binary; do
			printf '[{"op":"test","path":"/metadata/uid","value":"%s"},{"op":"test","path":"/metadata/resourceVersion","value":"%s"},%s,%s]\n' \
				"${version% *}" "${version#* }" "{\"op\":\"add\",\"path\":\"/data\",\"value\":$(or_empty "$data")}" "{\"op\":\"add\",\"path\":\"/binaryData\",\"value\":$(or_empty "$binary")}"
		done >"$put_file"
	) || return
	[ "$2" = configmap ] || sed 's/,{"op":"add","path":"\/binaryData","value":{}}//' "$put_file" >"$put_file.new" && mv -- "$put_file.new" "$put_file" 2>/dev/null
	said=$(cluster_said patch "$2" "$3" --type=json --patch-file "$put_file" -o name 2>&1)
	code=$?
	rm -f -- "$put_file"
	[ "$code" = 0 ] || {
		echo "$2 $3 could not be given its content of then: $said"
		return "$code"
	}
	note_setting "$2/$3" "$(content_sum <"$put_kept")"
	echo "$2 $3 has its content of then again"
}

# note_setting OBJECT SUM: notes the content that the run gives a ConfigMap or Secret, as note_written does for a workload.
note_setting() {
	printf '%s %s -\n' "$1" "$2" >>"$run_dir/written"
	[ -z "${run_facts:-}" ] || printf 'wrote.%s\t%s -\n' "$1" "$2" >>"$run_facts"
}

# settings_overwritten: for lines `configmap/NAME SUM` on standard input, of which the last one of each counts, prints those whose content is
# another one: OBJECT, a tab, and who has changed it. Fails, with the reason, when the API server does not give one.
settings_overwritten() {
	awk '/^(configmap|secret)\// { sum[$1] = $2 } END { for (one in sum) print one, sum[one] }' | while read -r object sum; do
		said=$(setting_json "${object%%/*}" "${object#*/}" 2>&1) || {
			printf '%s\n' "$said" >&2
			exit 1
		}
		[ "$(printf '%s\n' "$said" | content_sum)" = "$sum" ] || printf '%s\t%s\n' "$object" "$(who_changed "$object")"
	done
}

or_empty() { if [ "$1" = - ]; then printf '{}'; else printf '%s' "$1"; fi; }
