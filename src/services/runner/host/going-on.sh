# shellcheck shell=sh
# Whether a run without a result still works. Needs find-run-processes.sh. Reads: state.

# is_supervised ID: succeeds while the supervisor of the run lives.
is_supervised() { [ -e "$state/runs/$1/alive" ] && ! flock -s -n "$state/runs/$1/alive" true 2>/dev/null; }

has_processes() { find_run_processes "$1" "$(CDPATH='' cd -P -- "$state/runs/$1" && pwd)"; }

# going_on ID: succeeds while the supervisor of the run lives, or processes of a run whose supervisor was killed are at work.
going_on() { [ ! -s "$state/runs/$1/result" ] && { is_supervised "$1" || has_processes "$1"; }; }

# is_over ID: fails while the run goes on. A step of a run that has died and that has not begun yet never does then (step.sh).
is_over() {
	[ ! -s "$state/runs/$1/result" ] || return 0
	! is_supervised "$1" || return
	step=$(sed -n 's/^begin [0-9]* \([^ ]*\) .*/\1/p' "$state/runs/$1/records" 2>/dev/null | tail -n 1)
	mv "$state/runs/$1/steps/$step.ready" "$state/runs/$1/steps/$step.kept" 2>/dev/null
	! has_processes "$1"
}
