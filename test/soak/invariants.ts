import { lstatSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { preconditionStepId } from '../../src/runbook/plan.ts';
import { parseCopy } from '../../src/runbook/read-copy.ts';
import type { RunSummary } from '../../src/runbook/run.ts';
import { childrenOf, named, namesIn, textOf, usersOf } from '../helpers/proc.ts';
import { exec } from '../lab/exec.ts';
import { waitFor } from '../lab/processes.ts';
import type { Deed } from './operators.ts';
import { filesBelow, type Place } from './place.ts';
import { failing, stepsOf } from './runbook.ts';

/** Zombies among the children of a process and of theirs. */
const zombiesOf = (parent: number): readonly string[] => {
	return childrenOf(parent).flatMap((pid) => [
		...(/^\d+ \(.*\) Z /s.test(textOf(`/proc/${pid}/stat`)) ? [`${pid} of ${parent}`] : []),
		...zombiesOf(pid),
	]);
};

/** The user whose file it is; undefined when it is gone meanwhile. */
const ownerOf = (file: string): number | undefined => lstatSync(file, { throwIfNoEntry: false })?.uid;

export interface Remains {
	/** The dashboard's process. */
	readonly dashboard: number;
	/** Connections that are to be open: one a dashboard. */
	readonly connections: number;
}

/** Lists leftovers in a quiet moment; waits a while for them to disappear. */
export const leftOver = async (place: Place, { dashboard, connections }: Remains): Promise<readonly string[]> => {
	const { state, proxy, sshd } = place;
	let left: string[] = [];
	const { uid } = statSync(state);
	await waitFor(
		async () => {
			const lock = join(state, 'lock');
			const free = textOf(join(state, 'owner')) === '' || (await exec('flock', ['-n', lock, 'true'])).code === 0;
			// The dashboard reads the journal now and then: its own readers come and go.
			left = [
				...usersOf(state).map((user) => `works in the state folder: ${named(user)}`),
				...(free ? [] : ['the lock is held']),
				// Whoever has made it: the owner can read and prune what root has started.
				...filesBelow(state, '')
					.filter((file) => (ownerOf(file) ?? uid) !== uid)
					.map((file) => `${file} does not belong to the owner`),
				...[dashboard, process.pid].flatMap(zombiesOf).map((zombie) => `zombie ${zombie}`),
				...(proxy.open === connections ? [] : [`${proxy.open} connections are open`]),
				...(sshd.sessions().length === connections ? [] : [`${sshd.sessions().length} sessions on the host`]),
			];
			return left.length === 0;
		},
		90_000,
		250,
	);
	return left;
};

const terminal = ['succeeded', 'failed', 'cancelled', 'timed-out'];

/**
 * True when a run was refused under its lock: a fault had changed the deployment since its plan was made, so its first step found
 * another ground, and nothing was done.
 */
const wasRefused = (place: Place, id: string): boolean =>
	new RegExp(`^end \\d+ \\d+-${preconditionStepId} \\d+ \\d+ [1-9]`, 'm').test(
		textOf(join(place.state, 'runs', id, 'records')),
	);

/** Checks that a run's state matches what its steps have done. */
const judgeRun = (
	place: Place,
	{ id, procedure, state, guard }: RunSummary,
	ledger: readonly string[],
): readonly string[] => {
	const of = (what: string) => ledger.filter((line) => line === `${id} ${what}`).length;
	const wrong: string[] = [];
	const expect = (holds: boolean, what: string) => {
		if (!holds) {
			wrong.push(`${id} ${procedure} ${state}: ${what}`);
		}
	};
	const steps = stepsOf(procedure);
	const result = textOf(join(place.state, 'runs', id, 'result')).split(' ')[0];
	expect(terminal.includes(state), 'it has no end');
	expect(result === state, `its result on the host says ${result}`);
	for (const step of steps) {
		expect(of(`${step} begin`) <= 1, `step ${step} ran twice`);
	}
	const ended = steps.filter((step) => of(`${step} end`) === 1);
	const begun = steps.filter((step) => of(`${step} begin`) === 1);
	expect(begun.join() === steps.slice(0, begun.length).join(), `steps begun: ${begun.join()}`);
	if (guard === true && begun.length === 0) {
		// It has only watched: its state says how that ended, and nothing of the steps that it guards with.
		return wrong;
	}
	if (state === 'succeeded') {
		expect(ended.length === steps.length, `only these steps ended: ${ended.join()}`);
		expect(failing[procedure] === undefined, 'it cannot succeed');
	} else if (wasRefused(place, id)) {
		expect(begun.length === 0, `it was refused, and began ${begun.join()}`);
	} else if (state === 'failed' || state === 'timed-out') {
		expect(
			begun.at(-1) === failing[procedure] && !ended.includes(begun.at(-1) ?? ''),
			`begun ${begun.join()}, ended ${ended.join()}`,
		);
	}
	return wrong;
};

/** Checks that a command ended in accordance with the later state of its run. */
const judgeDeed = (place: Place, deed: Deed, runs: readonly RunSummary[]): readonly string[] => {
	const { tag, words, procedure, killed, code, stderr } = deed;
	const wrong = (what: string) => [`${tag} \`${words.join(' ')}\` ended with ${code}: ${what}\n${stderr.slice(-300)}`];
	if (killed !== undefined) {
		return [];
	}
	if (code === undefined) {
		return wrong('it did not end by itself');
	}
	if (/^\s+at .*:\d+:\d+\)?$/m.test(stderr)) {
		return wrong('a stack trace');
	}
	const mine = runs.filter(({ reason }) => reason === tag);
	if (procedure === undefined) {
		const mayStart = words[0] === 'guard';
		return mine.every(({ guard }) => mayStart && guard === true) ? [] : wrong('it started a run');
	}
	if (mine.length > 1) {
		return wrong('it started two runs');
	}
	const [run] = mine;
	const state = run?.state;
	const refused = run !== undefined && wasRefused(place, run.id);
	const detached = words.includes('--detach');
	const fits: Readonly<Record<number, readonly (string | undefined)[]>> = {
		0: detached ? terminal : ['succeeded'],
		1: ['failed', 'timed-out'],
		3: [undefined],
		4: refused ? ['failed'] : [undefined],
		5: ['succeeded'],
		6: [...terminal, undefined],
		130: ['cancelled'],
	};
	return fits[code]?.includes(state) ? [] : wrong(`its run is ${state ?? 'not there'}`);
};

/** Compares journal, host, markers, copies on this machine, and what commands said. Nothing may run meanwhile. */
export const judgeJournal = (place: Place, runs: readonly RunSummary[], deeds: readonly Deed[]): readonly string[] => {
	const ledger = place.ledger();
	const ids = new Set(runs.map(({ id }) => id));
	const strangers = [...new Set(ledger.map((line) => line.split(' ')[0] ?? ''))].filter((id) => !ids.has(id));
	const folders = namesIn(join(place.state, 'runs')).filter((id) => !id.startsWith('.') && !ids.has(id));
	const copies = filesBelow(place.copies, '.ndjson').flatMap((file) => {
		const id = basename(file, '.ndjson');
		const host = runs.find((run) => run.id === id);
		const copy = parseCopy(textOf(file));
		if (host === undefined) {
			return [`there is a copy of ${id}, and no such run`];
		}
		// A follower that was killed or lost its link has not seen the end: its copy then says so.
		return copy === undefined || ['unknown', 'running', 'lost', host.state].includes(copy.run.state)
			? []
			: [`the copy of ${id} says ${copy.run.state}, the host ${host.state}`];
	});
	return [
		...strangers.map((id) => `${id} ran, and is not in the journal`),
		...folders.map((id) => `${id} has a folder, and is not in the journal`),
		...runs.flatMap((run) => judgeRun(place, run, ledger)),
		...deeds.flatMap((deed) => judgeDeed(place, deed, runs)),
		...copies,
	];
};
