# shellcheck shell=sh
# What a rollback would change, for the plan, and who would change it again. Changes nothing. Needs cluster.sh, json.sh, kubernetes.sh,
# kubernetes-settings.sh, kubernetes-keep.sh and kubernetes-helm.sh.

# named_lines: prints each value of the JSON object on standard input with its path before it, a line each, sorted. An element of a list goes by
# its name, port, path or key where it has one: the position says nothing.
named_lines() {
	json_tokens | LC_ALL=C awk '
		function path(upto,  p, i) { p = ""; for (i = 1; i <= upto; i++) p = p (i > 1 ? "." : "") name[i]; return p }
		function value(t) {
			line[++n] = path(depth) " " t
			if (kind[depth] == "{" && depth > 1 && kind[depth - 1] == "[" && (k = index(" name mountPath containerPort port key ip ", " " name[depth] " ")) && (!mark[depth] || k < rank[depth])) { mark[depth] = t; rank[depth] = k }
		}
		$0 == "{" || $0 == "[" { depth++; kind[depth] = $0; name[depth] = 0; first[depth] = n + 1; mark[depth] = rank[depth] = ""; key = $0 == "{"; next }
		$0 == "}" || $0 == "]" {
			if (n < first[depth]) line[++n] = path(depth - 1) " " (kind[depth] == "{" ? "{}" : "[]")
			else if ($0 == "}" && mark[depth] != "") {
				old = path(depth - 1) "."
				new = path(depth - 2) "[" mark[depth] "]."
				gsub(/"/, "", new)
				for (i = first[depth]; i <= n; i++) line[i] = new substr(line[i], length(old) + 1)
			}
			depth--; key = 0; next
		}
		$0 == "," { if (kind[depth] == "[") name[depth]++; else key = 1; next }
		$0 == ":" { next }
		key { name[depth] = substr($0, 2, length($0) - 2); key = 0; next }
		{ value($0) }
		END { for (i = 1; i <= n; i++) print line[i] }' | LC_ALL=C sort
}

# without_values: leaves out the values of variables: they may be secrets.
without_values() { sed 's/^\(.*\]\.value\) .*/\1 (not shown)/; /^\(template\.\)\{0,1\}metadata\.creationTimestamp /d; /kubectl\.kubernetes\.io\/restartedAt /d'; }

# json_difference NOW THEN: prints in what the JSON object in the file THEN differs from that in NOW, a line each.
json_difference() (
	scratch=$(mktemp -d) || exit
	trap 'rm -rf -- "$scratch"' EXIT
	trap 'exit 143' HUP INT PIPE TERM
	named_lines <"$1" >"$scratch/now"
	named_lines <"$2" >"$scratch/then"
	{
		LC_ALL=C comm -23 "$scratch/now" "$scratch/then" | sed 's/^/now   /'
		LC_ALL=C comm -13 "$scratch/now" "$scratch/then" | sed 's/^/then  /'
	} | sed 's/^\(now  *\|then  *\)\(template\.\)\{0,1\}spec\.\(containers\[\)/\1\3/' | without_values | LC_ALL=C sort -s -b -k 2,2
)

# revision_difference WORKLOAD REVISION: prints in what the pod template of the revision differs from the one of now, which settings have changed
# since, and what the next `kubectl apply` would leave behind.
revision_difference() (
	row=$(workload_row "$1") && back=$(revision_row "$row" "$2") || exit
	scratch=$(mktemp -d) || exit
	trap 'rm -rf -- "$scratch"' EXIT
	trap 'exit 143' HUP INT PIPE TERM
	umask 077
	field "$row" 12 | json_row template >"$scratch/now"
	field "$back" 8 >"$scratch/then"
	json_difference "$scratch/now" "$scratch/then"
	[ "$(field "$row" 10)" != true ] || echo 'now   paused: the rollback lets the rollout go on'
	changed_settings "$1" "$scratch/then"
	left_behind "$row" "$scratch/now" "$scratch/then"
)

# changed_settings WORKLOAD FILE: names the ConfigMaps and Secrets of this pod template whose content is another one than in the newest kept
# deployment in which the workload had that template.
changed_settings() {
	settings_of <"$2" | grep -q . || return 0
	for kept_one in $(deployments); do
		kept_at=$state_dir/deployments/$kept_one
		kept_line=$(kept_row "$kept_at" "$1") || continue
		[ "$(spec_of "$kept_at" "$(field "$kept_line" 2)" | json_row template)" = "$(cat "$2")" ] || continue
		settings_of <"$2" | while read -r kind name; do setting_differs "$kept_at" "$kind" "$name"; done | sed "s/^/note  /; s/\$/; to put it back too, choose the kept spec $kept_one/"
		return 0
	done
	# A name before a colon would be taken for that of a password, and the word after it be hidden.
	echo "note  whether their content is that of then is not known, as no kept deployment has this pod template: $(settings_of <"$2" | tr '\n' ',' | sed 's/,$//; s/,/, /g')"
}

# left_behind ROW NOW THEN: names what the rollback brings and the next `kubectl apply` would not take away: what is not in the annotation
# last-applied-configuration, which a rollback leaves as it is, is not kubectl's to remove.
left_behind() (
	applied=$(field "$1" 11 | json_row 'annotations.kubectl.kubernetes.io/last-applied-configuration')
	[ "$applied" != - ] || exit 0
	named_lines <"$2" | sed 's/ .*//' | LC_ALL=C sort -u >"$scratch/paths.now"
	named_lines <"$3" | sed 's/ .*//' | LC_ALL=C sort -u >"$scratch/paths.then"
	brought=$(LC_ALL=C comm -13 "$scratch/paths.now" "$scratch/paths.then" | sed 's/^spec\.//; s/\.\(name\|value\)$//' | LC_ALL=C sort -u | head -n 8 | tr '\n' ' ')
	echo 'note  what was last applied stays noted as it is: the next kubectl apply, also of an older file, is compared with the newer file'
	[ -z "$brought" ] || echo "note  a file without these leaves them in the cluster, as nobody applied them last: ${brought% }"
)

# spec_difference NAME WORKLOAD: the same for the whole kept spec and its settings.
spec_difference() (
	kept_in=$(kept_folder "$1") && kept=$(kept_row "$kept_in" "$2") || exit
	scratch=$(mktemp -d) || exit
	trap 'rm -rf -- "$scratch"' EXIT
	trap 'exit 143' HUP INT PIPE TERM
	umask 077
	spec_of "$kept_in" "$(field "$kept" 2)" >"$scratch/then"
	rows=$(workload_rows) || exit
	printf '%s\n' "$rows" | awk -F '\t' -v object="$(field "$kept" 2)" '$2 == object' | cut -f 12 >"$scratch/now"
	{
		# Settings first: of a preview that is folded only the first line is read.
		settings_of <"$scratch/then" | while read -r kind name; do
			setting_differs "$kept_in" "$kind" "$name"
		done | sed 's/^/now   /'
		if [ -s "$scratch/now" ]; then json_difference "$scratch/now" "$scratch/then"; else echo "now   $2 is gone, and is created anew"; fi
	} >"$scratch/difference"
	# Of what stays as it is nothing is said.
	[ -s "$scratch/difference" ] || exit 0
	cat "$scratch/difference"
	[ ! -s "$scratch/now" ] || left_behind "$(printf '%s\n' "$rows" | awk -F '\t' -v object="$(field "$kept" 2)" '$2 == object')" "$scratch/now" "$scratch/then"
)

# who_reverts [WORKLOAD...]: prints the tools that own these workloads (all without any) and put back what somebody else changes, within seconds
# or minutes, a line each: found by their labels and annotations. Fails when the API server does not say.
who_reverts() {
	rows=$(workload_rows) || return
	argo=$(cluster get --raw /apis/argoproj.io 2>/dev/null) || argo=
	printf '%s\n' "$rows" | while IFS='	' read -r name object _ _ _ _ _ _ _ _ metadata _; do
		[ -n "$name" ] || continue
		case " $* " in '  ' | *" $name "* | *" $object "*) ;; *) continue ;; esac
		case $metadata in
			*'"argocd.argoproj.io/'*) echo "$name: Argo CD, application $(printf '%s\n' "$metadata" | json_row 'labels.argocd.argoproj.io/instance' 'annotations.argocd.argoproj.io/tracking-id' | tr '\t' '\n' | grep -v '^-$' | sed 's/:.*//; q')" ;;
			# Flux's own way to leave one object alone.
			*'"kustomize.toolkit.fluxcd.io/reconcile":"disabled"'*) ;;
			*'"kustomize.toolkit.fluxcd.io/name":'*) echo "$name: Flux, Kustomization $(flux_owner kustomize)" ;;
			# It looks at what runs only where driftDetection is on, which it is not by default.
			*'"helm.toolkit.fluxcd.io/name":'*) echo "$name: Flux, HelmRelease $(flux_owner helm), with its next upgrade or at once" ;;
			# The label is Argo CD's mark by default, and everybody else's too.
			*'"app.kubernetes.io/instance":'*) [ -z "$argo" ] || echo "$name: Argo CD, as the cluster has it, perhaps application $(printf '%s\n' "$metadata" | json_row 'labels.app.kubernetes.io/instance')" ;;
		esac
	done
}

# flux_owner CONTROLLER: prints NAMESPACE/NAME of the object by which Flux owns the workload with the JSON $metadata.
flux_owner() {
	printf '%s\n' "$metadata" | json_row "labels.$1.toolkit.fluxcd.io/namespace" "labels.$1.toolkit.fluxcd.io/name" | sed 's/	/\//; s/^-\///'
}

# how_to_suspend: for lines of who_reverts on standard input, prints with which commands Flux is kept from putting anything back.
how_to_suspend() {
	sed -n 's/^[^ ]*: Flux, \(Kustomization\|HelmRelease\) \([^ ,/]*\)\/\([^ ,]*\).*$/flux suspend \1 \3 -n \2/p' | tr KHR khr | sort -u | tr '\n' ';' | sed 's/;$//; s/;/; /g'
}

# not_reverted [WORKLOAD...]: succeeds if nothing would put the change back, or the runbook's variable gitops is `allow`. For a precondition.
not_reverted() {
	reverts=$(who_reverts "$@") || {
		echo 'the API server does not say who owns the workloads'
		return 1
	}
	[ -n "$reverts" ] || {
		echo 'no owner was found that would put it back'
		return 0
	}
	said=$(printf '%s\n' "$reverts" | tr '\n' ';' | sed 's/;$//; s/;/; /g')
	[ "${gitops:-refuse}" = allow ] || {
		suspend=$(printf '%s\n' "$reverts" | how_to_suspend)
		echo "it would be put back: $said. Revert in git, or suspend the synchronisation${suspend:+ ($suspend)} and set the variable gitops to allow"
		return 1
	}
	echo "it may be put back, as the runbook allows: $said"
}

# plan_notes: prints what the plan says beside the difference, a sentence a line: who may put the change back, where the runbook allows it, and
# actions of Helm that have not ended. A precondition that is met is not read by everybody.
plan_notes() {
	[ -n "${revision:-}${kept:-}${deployment:-}${stuck:-}" ] || return 0
	notes_of=${revision:-${kept:-}}
	notes_of=${notes_of%@*}
	[ "${gitops:-refuse}" != allow ] || who_reverts ${notes_of:-${stuck:-}} 2>/dev/null | sed 's/^/It may be put back: /; s/$/./'
	[ "${helm:-allow}" = refuse ] || helm_state 2>/dev/null | sed 's/^release /Release /; s/$/./'
}

# plan_changes: prints for the plan what happens to each workload by the values of the inputs `revision`, `kept` (WORKLOAD@NAME) or `deployment`, a
# line each: WORKLOAD, `recreate` or `keep`, and why, separated by tabs. Nothing for a procedure that has none of these inputs.
plan_changes() {
	[ -n "${revision:-}${kept:-}${deployment:-}" ] || return 0
	changes_rows=$(workload_rows) || return
	printf '%s\n' "$changes_rows" | while IFS='	' read -r name object _ _ _ _ image _ _ _ _ spec _; do
		[ -n "$name" ] || continue
		then='' folder=''
		if [ -n "${revision:-}" ]; then
			[ "${revision%@*}" != "$name" ] || then=$(revision_row "$(workload_row "$name")" "${revision#*@}" | cut -f 4)
		else
			chosen=${deployment:-${kept#*@}}
			[ -z "${kept:-}" ] || [ "${kept%@*}" = "$name" ] || chosen=
			if [ -n "$chosen" ] && folder=$(kept_folder "$chosen") && row=$(kept_row "$folder" "$object"); then then=$(field "$row" 7); fi
			[ -z "$then" ] || [ "$(spec_of "$folder" "$object" | plain_spec)" != "$(printf '%s\n' "$spec" | plain_spec)" ] || then=$(
				# With the same spec its pods are made anew only where a setting has another content.
				changed=$(spec_of "$folder" "$object" | settings_of | while read -r kind setting; do setting_differs "$folder" "$kind" "$setting"; done)
				[ -z "$changed" ] || echo "$image"
			)
		fi
		if [ -z "$then" ]; then
			printf '%s\tkeep\t\n' "$name"
		elif [ "$then" = "$image" ]; then
			printf '%s\trecreate\tthe same image, with other settings\n' "$name"
		else
			printf '%s\trecreate\timage %s, then %s\n' "$name" "$image" "$then"
		fi
	done
}
