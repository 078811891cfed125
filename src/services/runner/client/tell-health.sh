# shellcheck shell=sh
# Claims a notice about the deployment's health and sends it from the host: prints "sent", "taken" (somebody else sends it, or has sent it),
# or "failed" and why. With a word, sent or failed, it only records what became of it elsewhere. Needs locate-state.sh, notice-record.sh,
# notice-text.sh, notice-send.sh. Reads: event, word (may be empty), why, sender, what these need of the channel, and of the notice.

locate_state
[ -n "$state" ] && cd "$state/health" || exit 0
if [ -n "$word" ]; then
	record_notice "$event" "$channel_name" "$word" "$sender" "$why"
elif ! claim_notice "$event" "$channel_name" "$sender"; then
	echo taken
elif deliver; then
	record_notice "$event" "$channel_name" sent host
	echo sent
else
	printf 'failed %s\n' "$answer"
fi
