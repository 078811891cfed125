# shellcheck shell=sh
# Claims a notice of run $id for this client, and prints "yours" or "taken"; or records what became of it. Needs locate-state.sh,
# enter-run.sh, notice-record.sh. Reads: id, event, channel, word (claimed, sent or failed), sender, why.

enter_run
[ -e notices ] || no_such_run
if [ "$word" != claimed ]; then
	record_notice "$event" "$channel" "$word" "$sender" "$why"
elif claim_notice "$event" "$channel" "$sender"; then
	echo yours
else
	echo taken
fi
