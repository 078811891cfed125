import { join } from 'node:path';
import { expect } from 'vitest';
import { composeCommand } from '../lab/compose.ts';
import { hostExec, type LabInfo, readLabInfo } from '../lab/index.ts';
import { createWorkplace, type Ended, type Workplace } from './backout.ts';
import { deployedState } from './deployed-state.ts';

/** The login: root's, or that of the account that owns the deployment. */
export type Login = 'lab' | 'owner';

/** A place to run from whose runs both logins share, on a state folder of the owner's. */
export const sharedPlace = async (): Promise<Workplace> => {
	const place = createWorkplace(readLabInfo(), { runbook: './short.yaml' });
	place.write(
		'short.yaml',
		'extends: abstractfinance\nvariables: { settle: 3s, stopped_watch: 2, gateway_patience: 30 }\nverification: { deadline: 60s }\n',
	);
	await hostExec('install -d -m 700 -o abstractfinance "$1"', [join(place.folder, 'state')]);
	return place;
};

/** Runs a procedure by a login, confirmed as its risk asks; inputs as NAME=VALUE. */
export const byLogin = (
	place: Workplace,
	login: Login,
	procedure: string,
	inputs: readonly string[] = [],
): Promise<Ended> =>
	place.run(
		...['--target', login, 'run', procedure, ...inputs.flatMap((input) => ['--input', input])],
		...['--yes', '--confirm', login, '--reason', 'drill'],
	);

/** Undoes the last run by a login, to the end of its steps: what was broken before is broken again, and no verdict can pass. */
export const undoLast = async (place: Workplace, login: Login): Promise<void> => {
	const sure = ['--yes', '--confirm', login, '--reason', 'drill'];
	const undone = await place.run('--target', login, 'undo', 'last', ...sure, '--detach', '--json');
	expect(undone.code, undone.stdout + undone.stderr).toBe(0);
	const id = String(undone.json().at(-1)?.run);
	const folder = join(place.folder, 'state', 'runs', id);
	await hostExec('until [ -e "$1/result" ]; do sleep 0.2; done', [folder], 120_000);
	const { stdout } = await hostExec('[ "$(head -c 9 "$1/result")" = succeeded ] || tail -n 20 "$1/out"', [folder]);
	expect(stdout).toBe('');
};

/** Reads what an operator compares before and after: git, the settings, every container; and files that are not the owner's. */
export const wholeState = async (): Promise<string> =>
	(await deployedState()) +
	(await hostExec('find . -path ./state -prune -o -path ./logs -prune -o ! -user abstractfinance -print | sort'))
		.stdout;

/** Ids and starts of all containers before and after the user's own `up -d`: empty when it has changed nothing. */
export const changedByUp = async (info: LabInfo): Promise<string> => {
	const [command, files] = composeCommand(info);
	const { stdout, stderr } = await hostExec(
		`list() { docker inspect --format '{{.Name}} {{.Id}} {{.State.StartedAt}}' $(docker ps -aq --filter label=com.docker.compose.project=abstractfinance) | sort; }
		scratch=$(mktemp -d); list >"$scratch/before"
		"$@" up -d --no-build >"$scratch/said" 2>&1 || cat "$scratch/said"
		list | diff "$scratch/before" -; rm -rf "$scratch"`,
		[command, ...files],
		120_000,
	);
	return stdout + stderr;
};
