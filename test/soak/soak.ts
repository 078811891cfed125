import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { RunSummary } from '../../src/runbook/run.ts';
import { ensureLab, labAvailable, labRuns, stopLab } from '../lab/index.ts';
import { shareCache } from '../lab/lanes.ts';
import { openDashboard, play, settleDashboard, type Use, useOf } from './dashboard.ts';
import { chooseFault, healed } from './faults.ts';
import { judgeHistory } from './history.ts';
import { judgeJournal, leftOver } from './invariants.ts';
import { type Deed, operate, startDeed } from './operators.ts';
import { openPlace, type Place } from './place.ts';
import { createRandom } from './random.ts';

const usage = `npm run soak -- [--minutes N] [--seed N]

Faults at random against a lab of its own (BACKOUT_LAB_DIR, or .lab-soak), operators who start, cancel and attach, and a
dashboard that is open all the time. 60 minutes unless told otherwise. Exit code 1 when anything was not as it must be.`;

/** Additional resources that a dashboard may use at the end, compared with after warming up. */
const allowed = { live: 15, memory: 150, descriptors: 4 };

/** @param tries a loaded machine may need a second one */
const journal = async (place: Place, tries = 4): Promise<readonly RunSummary[]> => {
	const asked = startDeed(place, 'journal', ['runs', '--json']);
	await asked.ended;
	if (asked.code !== 0 && tries > 1) {
		return journal(place, tries - 1);
	}
	if (asked.code !== 0) {
		throw new Error(`the journal cannot be read: ${asked.stderr}`);
	}
	return asked.stdout
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => JSON.parse(line) as RunSummary);
};

const median = (numbers: readonly number[]): number =>
	numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

/** Compares the first third after warming up with the last third. */
const growth = (uses: readonly Use[]): readonly string[] => {
	const warm = uses.slice(Math.min(3, Math.floor(uses.length / 4)));
	const third = Math.max(1, Math.floor(warm.length / 3));
	const [first, last] = [warm.slice(0, third), warm.slice(-third)];
	if (warm.length < 3) {
		return [];
	}
	const of = (part: readonly Use[], what: 'memory' | 'live' | 'descriptors') => median(part.map((use) => use[what]));
	const [liveBefore, liveNow] = [of(first, 'live'), of(last, 'live')];
	const [memoryBefore, memoryNow] = [of(first, 'memory'), of(last, 'memory')];
	const [fdsBefore, fdsNow] = [of(first, 'descriptors'), of(last, 'descriptors')];
	return [
		...(liveNow > liveBefore + allowed.live
			? [`the dashboard's live memory grew from ${liveBefore} to ${liveNow} MiB`]
			: []),
		...(memoryNow > memoryBefore + allowed.memory
			? [`the dashboard's resident memory grew from ${memoryBefore} to ${memoryNow} MiB`]
			: []),
		...(fdsNow > fdsBefore + allowed.descriptors
			? [`the dashboard's descriptors grew from ${fdsBefore} to ${fdsNow}`]
			: []),
	];
};

const soak = async (minutes: number, seed: number): Promise<readonly string[]> => {
	// Each with numbers of its own: how long one takes does not change what the others do.
	const [random, hands, crowd] = [createRandom(seed), createRandom(seed + 1), createRandom(seed + 2)];
	const place = await openPlace(await ensureLab((line) => console.error(line)));
	let startedAt = Date.now();
	const elapsed = () => Date.now() - startedAt;
	const clock = () => `${Math.floor(elapsed() / 60_000)}:${String(Math.floor(elapsed() / 1000) % 60).padStart(2, '0')}`;
	const wrong: string[] = [];
	const fail = (round: number, all: readonly string[]) => {
		for (const what of all) {
			if (!wrong.includes(what)) {
				wrong.push(what);
				console.error(`✗ ${clock()} round ${round}: ${what}`);
			}
		}
	};
	const deeds: Deed[] = [];
	const uses: Use[] = [];
	const happened = new Map<string, number>();
	let ran = 0;
	const states = new Map<string, number>();
	await healed();
	const pty = openDashboard(place);
	let exited: string | undefined;
	void pty.exited.then(({ code, signal }) => {
		exited = `the dashboard ended by itself: ${code} ${signal}\n${pty.screen().join('\n')}`;
	});
	try {
		await pty.waitFor('link up', 60_000);
		startedAt = Date.now();
		for (let round = 1; elapsed() < minutes * 60_000 && wrong.length < 20 && exited === undefined; round++) {
			const fault = chooseFault(random);
			happened.set(fault.name, (happened.get(fault.name) ?? 0) + 1);
			const playing = new AbortController();
			// It fails only if the dashboard has ended meanwhile, which is reported below.
			const played = play(pty, hands, playing.signal).catch(() => {});
			const begun = Date.now();
			const operated = operate(place, crowd, deeds);
			await delay(random.between(0, 3000));
			await fault.happen(place, random);
			// Well again: every command comes to an end by itself.
			const late = delay(180_000, 'late', { ref: false });
			if ((await Promise.race([operated, late])) === 'late') {
				fail(
					round,
					deeds
						.filter(({ code, killed }) => code === undefined && !killed)
						.map(({ words, stdout }) => `does not end after ${fault.name}: ${words.join(' ')}\n${stdout.slice(-300)}`),
				);
				for (const deed of deeds.filter(({ code }) => code === undefined)) {
					deed.kill('SIGKILL');
				}
				await operated;
			}
			playing.abort();
			await played;
			if (exited !== undefined) {
				fail(round, [`after ${fault.name}: ${exited}`]);
				break;
			}
			await settleDashboard(pty, 90_000).catch(() =>
				fail(round, [`the dashboard does not come back after ${fault.name}:\n${pty.screen().join('\n')}`]),
			);
			const left = await leftOver(place, { dashboard: pty.pid, connections: 1 });
			fail(
				round,
				left.map((what) => `after ${fault.name}: ${what}`),
			);
			const runs = await journal(place);
			fail(round, judgeJournal(place, runs, deeds));
			fail(round, judgeHistory(place.history.entries, place.ledger()));
			uses.push(await useOf(place, pty.pid, uses.length + 1, elapsed()));
			ran = runs.length;
			states.clear();
			for (const { state } of runs) {
				states.set(state, (states.get(state) ?? 0) + 1);
			}
			const use = uses.at(-1);
			console.error(
				`${clock()} round ${round}: ${fault.name}, ${Math.round((Date.now() - begun) / 1000)} s; ${ran} runs; dashboard ${use?.live} MiB live, ${use?.memory} resident, ${use?.descriptors} descriptors`,
			);
		}
		if (exited === undefined) {
			fail(0, growth(uses));
			pty.press('esc');
			await delay(300);
			pty.press('q');
			const ended = await Promise.race([pty.exited, delay(20_000, undefined, { ref: false })]);
			const { alternateScreen, cursorHidden, bracketedPaste } = pty.modes();
			fail(0, ended?.code === 0 ? [] : [`the dashboard does not end with 0 at q: ${ended?.code}`]);
			fail(0, alternateScreen || cursorHidden || bracketedPaste ? ['the terminal is not whole afterwards'] : []);
			fail(0, await leftOver(place, { dashboard: process.pid, connections: 0 }));
		}
	} finally {
		for (const deed of deeds.filter(({ code, killed }) => code === undefined && killed === undefined)) {
			deed.kill('SIGKILL');
		}
		await pty.close();
		await healed();
		await place.close();
	}
	const codes = new Map<string, number>();
	for (const { killed, code } of deeds) {
		const how = killed === undefined ? `exit code ${code}` : 'killed';
		codes.set(how, (codes.get(how) ?? 0) + 1);
	}
	const counts = (map: ReadonlyMap<string, number>) => [...map].map(([name, count]) => `${name} ${count}`).join(', ');
	const ends = [uses[0], uses.at(-1)];
	console.log(
		[
			`seed         ${seed}`,
			`time         ${clock()}, ${uses.length} rounds`,
			`faults       ${counts(happened)}`,
			`commands     ${deeds.length}: ${counts(codes)}`,
			`history      ${place.history.entries.length} calls and answers`,
			`runs         ${ran}: ${counts(states)}`,
			`memory       ${ends.map((use) => use?.memory).join(' → ')} MiB, at most ${Math.max(...uses.map(({ memory }) => memory))}`,
			`live memory  ${ends.map((use) => use?.live).join(' → ')} MiB, at most ${Math.max(...uses.map(({ live }) => live))}`,
			`descriptors  ${ends.map((use) => use?.descriptors).join(' → ')}, at most ${Math.max(...uses.map(({ descriptors }) => descriptors))}`,
			`violations   ${wrong.length}`,
			...wrong.map((what) => `  ✗ ${what}`),
		].join('\n'),
	);
	return wrong;
};

const main = async (): Promise<number> => {
	const { values } = parseArgs({
		options: { minutes: { type: 'string', default: '60' }, seed: { type: 'string' }, help: { type: 'boolean' } },
	});
	if (values.help) {
		console.log(usage);
		return 0;
	}
	const minutes = Number(values.minutes);
	const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
	if (!(minutes > 0) || !Number.isInteger(seed)) {
		console.error(usage);
		return 2;
	}
	const lab = process.env.BACKOUT_LAB_DIR || join(import.meta.dirname, '..', '..', '.lab-soak');
	shareCache(lab);
	process.env.BACKOUT_LAB_DIR = lab;
	const { ok, reason } = await labAvailable();
	if (!ok) {
		console.error(`the lab is not available: ${reason}`);
		return 1;
	}
	console.log(`seed ${seed}: \`npm run soak -- --minutes ${minutes} --seed ${seed}\` does the same again`);
	const wasUp = (await labRuns()).docker;
	try {
		return (await soak(minutes, seed)).length > 0 ? 1 : 0;
	} finally {
		if (!wasUp) {
			await stopLab();
		}
	}
};

process.exitCode = await main();
