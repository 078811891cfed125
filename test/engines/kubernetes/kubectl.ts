import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordsText } from './records-text.ts';

// kubectl as far as the engine calls it, for tests: it answers from the objects in the folder PLAYED, which the test writes there. The real
// one is called in test/kubernetes.

const folder = process.env.PLAYED ?? '';
const file = (name: string) => join(folder, name);
const read = (name: string): string => (existsSync(file(name)) ? readFileSync(file(name), 'utf8') : '');

/** Ends like kubectl: with a reason, and exit code 1. */
const fail = (reason: string): never => {
	process.stderr.write(`${reason}\n`);
	process.exit(1);
};

const all = process.argv.slice(2);
const value = (name: string): string | undefined =>
	all.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
const has = (name: string): boolean => all.includes(`--${name}`);
const words = all.filter((word) => !word.startsWith('-'));

const refusal = read('refusal');
if (refusal !== '') {
	fail(refusal);
}

/** Prints what is added to a file, from its end on or from its beginning, until the file `NAME.end` is there, or the test is over. */
const follow = async (name: string, isWhole: boolean, print: (line: string) => void): Promise<void> => {
	let at = isWhole ? 0 : read(name).length;
	for (;;) {
		const isOver = existsSync(file(`${name}.end`)) || read('refusal') !== '' || !existsSync(folder);
		const text = read(name);
		const end = text.lastIndexOf('\n') + 1;
		for (const line of end > at ? text.slice(at, end - 1).split('\n') : []) {
			print(line);
		}
		at = Math.max(at, end);
		if (isOver) {
			return;
		}
		await sleep(30);
	}
};

/** Prints the log of a container of a pod: a file with a line `STAMP TEXT` each. */
const printLog = async (): Promise<void> => {
	const pod = words.at(-1) ?? '';
	const name = `${pod}.${value('container') ?? 'main'}${has('previous') ? '.before' : ''}`;
	const since = value('since-time');
	const lines = read(name)
		.split('\n')
		.filter((line) => line !== '' && (since === undefined || line >= since.slice(0, 19)));
	const tail = Number(value('tail') ?? lines.length);
	const print = (line: string) => process.stdout.write(`${line}\n`);
	for (const line of has('follow') ? [] : lines.slice(Math.max(0, lines.length - tail))) {
		print(line);
	}
	if (has('follow')) {
		await follow(name, true, print);
	}
};

switch (words[0]) {
	case 'get':
		if (has('raw')) {
			process.stdout.write(
				read('metrics') || fail('Error from server (NotFound): the server could not find the requested resource'),
			);
		} else if (has('watch-only')) {
			await follow('watch', false, (line) => process.stdout.write(`${line}\n`));
		} else {
			const kinds = (words[1] ?? '').split(',');
			process.stdout.write(recordsText(JSON.parse(read('objects') || '[]'), kinds, value('output') ?? ''));
			const forbidden = read('forbidden');
			if (forbidden !== '') {
				fail(forbidden);
			}
		}
		break;
	case 'logs':
		await printLog();
		break;
	case 'version':
		process.stdout.write(
			JSON.stringify({ clientVersion: { gitVersion: 'v1.20.2' }, serverVersion: { gitVersion: 'v1.20.2' } }),
		);
		break;
	default:
		fail(`error: unknown command "${words[0]}" for "kubectl"`);
}
