# shellcheck shell=sh
# Decides whether whoever is connected may approve run $id, and on what that rests; refuses otherwise. Then complete-manual-step.sh writes
# the approval. Needs locate-state.sh, enter-run.sh, read-identity.sh. Reads: id, hash (of the plan that was shown), claimed (USER@MACHINE),
# about (JSON), shown (a line). Prints "basis", and adds it to about and shown.

enter_run
[ -s identity ] || refuse "run $id does not wait for an approval" 'attach to the run to see its state'
[ "$(sha256sum plan.json | cut -d ' ' -f 1)" = "$hash" ] ||
	refuse "the plan of run $id is not the one that was shown" 'read its plan again before you approve it'
{
	read -r starter_account
	read -r starter_key
	read -r starter_certificate
	read -r starter_claimed
} <identity
read_identity

# The same SSH key or certificate is the same operator, whatever name is claimed.
same() { refuse "run $id was started with the same $1" 'another operator has to approve it'; }
if [ -n "$key" ] && [ -n "$starter_key" ]; then
	[ "$key" != "$starter_key" ] || same "SSH key, $key"
	[ -z "$certificate" ] || [ "$certificate" != "$starter_certificate" ] || same "certificate, $certificate"
	basis=keys
elif [ "$account" != "$starter_account" ]; then
	basis=accounts
else
	[ "$claimed" != "$starter_claimed" ] || same "name, $claimed"
	basis=names
fi
person() { printf '{"account":"%s","key":"%s","certificate":"%s"}' "$1" "$2" "$3"; }
by=$(person "$account" "$key" "$certificate")
starter=$(person "$starter_account" "$starter_key" "$starter_certificate")
# Without its last brace, and then with it again.
about=$(printf '%s,"approval":{"basis":"%s","proof":"%s","by":%s,"starter":%s}}' "${about%?}" "$basis" "$proof" "$by" "$starter")
case $basis in
	keys) shown="$shown; it rests on their SSH keys: $key approved, $starter_key started it" ;;
	accounts) shown="$shown; it rests on their accounts: $account approved, $starter_account started it" ;;
	names) shown="$shown; it rests on the claimed names only: the host cannot tell who is connected" ;;
esac
printf 'basis %s\n' "$basis"
