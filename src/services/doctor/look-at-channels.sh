# shellcheck shell=sh
# Prints "sender NAME" with the program that sends notices, or without one, and "unreadable PATH" for each secret that this user cannot
# read. Needs notice-send.sh. Reads: files (lines).

find_sender
echo "sender $sender"
printf '%s\n' "$files" | while IFS= read -r path; do
	[ -z "$path" ] || [ -r "$path" ] || echo "unreadable $path"
done
exit 0
