import { expect, test } from 'vitest';
import type { Instance } from '../../src/engine/instance.ts';
import { type Expected, judgeVersion, type KnownImage } from '../../src/services/checks/proof.ts';

const commit = 'c'.repeat(40);
const other = 'd'.repeat(40);
const id = (letter: string) => `sha256:${letter.repeat(64)}`;
const container = (service: string, image: string, more: Partial<Instance> = {}) =>
	({ service, status: 'running', imageId: id(image), ...more }) as Instance;
const judge = (
	expected: Omit<Expected, 'service'>,
	containers: readonly Instance[],
	known: Record<string, Partial<KnownImage>> = {},
) =>
	judgeVersion(
		{ service: 'web', ...expected },
		containers,
		new Map(Object.entries(known).map(([letter, image]) => [id(letter), { noted: new Set(), ...image }])),
	);

test('every container of every service must run the image that was built for it', () => {
	const expected = { commit, services: [{ service: 'worker' }], built: { web: id('1'), worker: id('2') } };
	const right = judge(expected, [container('web', '1'), container('worker', '2')]);
	expect([right.wrong, right.down, right.unproven]).toEqual([[], [], []]);
	expect(right.proven).toEqual({
		commit,
		images: [
			{ service: 'web', image: id('1'), ofCommit: true },
			{ service: 'worker', image: id('2'), ofCommit: true },
		],
	});
	const mixed = judge(expected, [container('web', '1'), container('web', '9'), container('worker', '2')]);
	expect(mixed.wrong).toEqual(['web runs image 999999999999 instead of 111111111111']);
	expect(mixed.proven).toEqual({ images: [] });
});

test('a commit that is checked out proves nothing of an image', () => {
	const { unproven, proven } = judge({ commit }, [container('web', '1')]);
	expect(unproven).toEqual(['nothing proves that the image of web was built from it']);
	expect(proven).toEqual({ images: [] });
});

test("an image is of the commit by its label, or by the host's notes", () => {
	expect(judge({ commit }, [container('web', '1')], { 1: { revision: commit } }).proven.commit).toBe(commit);
	expect(judge({ commit }, [container('web', '1')], { 1: { noted: new Set([commit]) } }).proven.commit).toBe(commit);
	expect(judge({ commit }, [container('web', '1')], { 1: { revision: other } }).wrong).toEqual([
		`web runs an image of commit ${other.slice(0, 12)} instead of ${commit.slice(0, 12)}`,
	]);
});

test('an image that the plan names is proven to be that one, and not to be of the commit', () => {
	const { wrong, unproven, proven } = judge({ commit, image: id('1') }, [container('web', '1')]);
	expect([wrong, unproven]).toEqual([[], []]);
	expect(proven).toEqual({ images: [{ service: 'web', image: id('1'), ofCommit: false }] });
});

test('a step that found the images not to be of the commit takes the proof away', () => {
	const expected = { commit, built: { web: id('1') }, unproven: 'web/Dockerfile has changes' };
	expect(judge(expected, [container('web', '1')]).proven.commit).toBeUndefined();
});

test('what crashes is proven to be deployed all the same, so that it can be held against it', () => {
	const { down, proven } = judge({ commit, built: { web: id('1') } }, [
		container('web', '1', { status: 'restarting' }),
	]);
	expect(down).toEqual(['web is restarting']);
	expect(proven.commit).toBe(commit);
});

test('missing containers, services that must not run, and jobs that have ended', () => {
	const services = [
		{ service: 'web', replicas: 2 },
		{ service: 'added', replicas: 0 },
		{ service: 'migrate', image: id('3') },
	];
	const { wrong, down, unproven } = judge({ image: id('1'), services }, [
		container('web', '1'),
		container('added', '2'),
		container('migrate', '3', { status: 'exited', exitCode: 0 }),
	]);
	expect(wrong).toEqual(['added still runs']);
	expect(down).toEqual(['1 of 2 containers of web run']);
	expect(unproven).toEqual([]);
	expect(judge({ image: id('1') }, []).down).toEqual(['web has no container']);
});

test('a service that ran before, and has ended by itself, has not proven that this was its work', () => {
	const services = [{ service: 'worker', image: id('2'), ran: true as const }];
	const ended = container('worker', '2', { status: 'exited', exitCode: 0 });
	const expected = { image: id('1'), services };
	const { down, unproven, proven } = judge(expected, [container('web', '1'), ended]);
	expect([down, proven.images]).toEqual([[], []]);
	expect(unproven).toEqual(['worker ran before, and has ended with exit code 0: nothing shows that this was its work']);
	expect(judge(expected, [container('web', '1'), container('worker', '2')]).unproven).toEqual([]);
	const job = [container('web', '1', { waitsForEndOf: ['worker'] }), ended];
	expect(judge(expected, job).unproven).toEqual([]);
	expect(
		judge({ ...expected, services: [{ service: 'worker', image: id('2') }] }, [job[1] as Instance]).unproven,
	).toEqual([]);
});
