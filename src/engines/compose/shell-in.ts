import { type ProgramPlaces, withPrograms } from '../../services/host/programs.ts';

/** Docker's ids, and its names (moby's names.go). */
const idPattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** No keys of Docker's own (`--detach-keys`): Ctrl-P, its usual first one, is the line before to every shell. Nobody types these. */
const keys = 'ctrl-@,ctrl-@,ctrl-@';

/**
 * The command that opens a shell in a container, for a terminal. Throws a TypeError for what is no id or name of a container: on
 * a terminal nothing can be sent over standard input, so it is part of the command.
 */
export const shellIn = (id: string, places?: ProgramPlaces): string => {
	if (!idPattern.test(id)) {
		throw new TypeError('not an id of a container');
	}
	const shell = 'sh -c "if command -v bash >/dev/null 2>&1; then exec bash; fi; exec sh"';
	return withPrograms(`docker exec -it -e TERM --detach-keys ${keys} ${id} ${shell}`, places);
};
