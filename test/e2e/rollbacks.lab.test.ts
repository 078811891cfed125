import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { breakLab, healLab, hostExec, judge, type LabInfo, readLabInfo } from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';
import { engineImage, hostState } from './host-state.ts';
import { suggests } from './suggests.ts';

interface Choice {
	readonly value: string;
	readonly detail: string;
	readonly marks: readonly string[];
}

describe.skipIf(withoutLab)('rollbacks', () => {
	let info: LabInfo;
	let place: Workplace;

	const offer = async (procedure: string) =>
		(
			(await place.run('inputs', procedure, '--json')).json() as unknown as {
				inputs: { preset?: string; choices: Choice[] }[];
			}[]
		)[0]?.inputs[0];
	const head = async () => (await hostExec('git rev-parse HEAD')).stdout.trim();
	const goodCommit = (back: number) => info.goodCommits.at(-1 - back)?.hash ?? '';

	beforeAll(async () => {
		await healLab();
		info = readLabInfo();
	});
	afterEach(async () => {
		place.remove();
		await healLab();
	});
	/** With a state of its own: what is known of commits and images is of this test alone. */
	const newPlace = () => {
		place = createWorkplace(info, { runbook: './quick.yaml' });
		place.write('quick.yaml', 'extends: abstractfinance\nverification: { settle: 5s, deadline: 60s }\n');
	};

	describe('rollback-image', () => {
		test('to the image before, which has no tag; then to one that crashes, which is known to be bad afterwards', {
			tags: 'long',
		}, async () => {
			info = await breakLab('crash-commit');
			newPlace();
			const bad = await engineImage();
			const good = info.goodImages.at(-1) ?? '';
			const before = await offer('rollback-image');
			expect(before?.choices.map(({ value }) => value)).toEqual([bad, ...info.goodImages.toReversed()]);
			expect(before?.choices[0]).toMatchObject({ marks: ['current'] });
			expect(before?.preset).toBe(good);

			const run = await place.run('run', 'rollback-image', '--yes', '--json');
			expect(run.stderr).toBe('');
			expect(run.code).toBe(0);
			const verdict = run.json().findLast(({ type }) => type === 'verification') as {
				checks: { id: string; reason: string }[];
			};
			expect(verdict.checks.find(({ id }) => id === 'version')?.reason).toContain(good.slice(7, 19));
			expect(await engineImage()).toBe(good);
			// Only the engine is rolled back: the work tree, and the monitor of the other server, stay at the bad commit.
			expect((await judge()).findings.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual([
				'monitor-image',
				'commit',
			]);

			const forward = ['run', 'rollback-image', '--input', `image=${bad.slice(7, 19)}`, '--yes'];
			const blocked = await place.run(...forward);
			expect(blocked.code).toBe(4);
			const allow = /--allow (version:blocked:\S+?);/.exec(blocked.stderr)?.[1] ?? '';
			const back = await place.run(...forward, '--allow', allow);
			expect(back.stdout).toMatch(/verification failed/);
			expect(back.code).toBe(5);
			expect((await offer('rollback-image'))?.choices.find(({ value }) => value === bad)?.marks).toEqual([
				'current',
				'bad',
				'blocked',
			]);
			expect((await offer('rollback-image'))?.preset).toBe(good);
		});

		test('an image that was pruned, of another service, or that runs already: refused', { tags: 'long' }, async () => {
			newPlace();
			const before = await hostState();
			const refused = async (image: string, why: RegExp) => {
				const run = await place.run('run', 'rollback-image', '--input', `image=${image}`, '--yes');
				expect(run.stderr).toMatch(why);
				expect(run.code).toBe(4);
				expect(await hostState()).toBe(before);
			};
			await refused(`sha256:${'0'.repeat(64)}`, /no such image/);
			await refused('postgres:14-alpine', /not an image of trading-engine/);
			await refused(await engineImage(), /is what runs already/);
		});

		test('pruned between plan and confirmation, or not to be started: the engine runs as it did, and why is said', {
			tags: 'long',
		}, async () => {
			newPlace();
			const build = async (line: string) =>
				(
					await hostExec(
						`printf 'FROM abstractfinance-trading-engine:latest\\n%s\\n' "$1" | DOCKER_BUILDKIT=0 docker build -q -`,
						[line],
					)
				).stdout.trim();
			const image = await build('LABEL to=prune');
			const before = await hostState();
			const terminal = place.open(['run', 'rollback-image', '--input', `image=${image}`], { columns: 200, rows: 100 });
			await terminal.waitFor('Run this on lab?');
			await hostExec('docker image rm "$1"', [image]);
			terminal.send('y\r');
			expect((await terminal.exited).code).toBe(4);
			expect(terminal.screen().join('\n')).toMatch(/not on the host any more \(pruned\?\)/);
			await terminal.close();
			expect(await hostState()).toBe(before);

			// The engine has a new container then, of the image that it ran.
			const but = (state: string) =>
				state
					.replaceAll(/^[0-9a-f]{64} /gm, '')
					.split('\n')
					.sort();
			const run = await place.run(
				'run',
				'rollback-image',
				'--input',
				`image=${await build('ENTRYPOINT ["/none"]')}`,
				'--yes',
			);
			expect(run.stdout).toContain('It could not be started from that image: back to the one before');
			expect(run.code).toBe(1);
			expect(but(await hostState())).toEqual(but(before));
			expect(await engineImage()).toBe(info.goodImages.at(-1));

			// The name that the image had is kept under a tag, and goes with the restore point.
			const id = /^ {2}run (\S+)$/m.exec(run.stdout)?.[1] ?? '';
			const tags = async () => (await hostExec('docker image ls --format "{{.Repository}}:{{.Tag}}"')).stdout;
			expect(await tags()).toContain(`backout/tag:${id}`);
			expect((await place.run('prune', '--keep', '0', '--yes')).code).toBe(0);
			expect(await tags()).not.toContain(id);
			expect(await engineImage()).toBe(info.goodImages.at(-1));
		});

		test('an image with another tag keeps that tag', { tags: 'long' }, async () => {
			newPlace();
			const image = info.goodImages.at(-2) ?? '';
			await hostExec('docker tag "$1" keep/this:1', [image]);
			const run = await place.run('run', 'rollback-image', '--input', `image=${image}`, '--yes');
			expect(run.code).toBe(0);
			expect((await hostExec('docker image inspect --format "{{.Id}}" keep/this:1')).stdout.trim()).toBe(image);
		});
	});

	describe('failed-deployment', () => {
		test('without the origin: to the commit before, and it says that the origin was not reached', {
			tags: 'long',
		}, async () => {
			info = await breakLab('origin-unreachable');
			newPlace();
			// All services are up afterwards, also one that has lost its container.
			await hostExec('docker rm -f $(docker ps -aq --filter label=com.docker.compose.service=grafana)');
			const plan = await place.run('plan', 'failed-deployment');
			expect(plan.stdout).toMatch(/origin .*was not reached/);
			expect(plan.stdout).toContain("KeyError: 'grace_minutes'");
			const run = await place.run('run', 'failed-deployment', '--yes');
			expect(run.stderr).toBe('');
			expect(run.code).toBe(0);
			expect(await head()).toBe(info.goodCommit);
			expect(await judge()).toMatchObject({ ok: true });
		});

		test('the origin moved on: not to the bad commit that is its last but one', { tags: 'long' }, async () => {
			info = await breakLab('origin-moved');
			newPlace();
			const offered = await offer('failed-deployment');
			expect(offered?.preset).toBe(info.goodCommit);
			const gateway = (await hostExec(`docker inspect --format '{{.State.StartedAt}}' ibgateway`)).stdout;
			const run = await place.run('run', 'failed-deployment', '--yes');
			expect(run.code).toBe(0);
			expect(await head()).toBe(info.goodCommit);
			expect(await judge()).toMatchObject({ ok: true });
			expect((await hostExec(`docker inspect --format '{{.State.StartedAt}}' ibgateway`)).stdout).toBe(gateway);
		});

		test('to the commit that verification passed on last, however far back', { tags: 'long' }, async () => {
			newPlace();
			expect((await place.run('run', 'rollback-commit', '--input', `commit=${goodCommit(2)}`, '--yes')).code).toBe(0);
			await hostExec(
				'git pull -q --ff-only origin main && compose build -q trading-engine cross-monitor && compose up -d',
			);
			expect((await offer('failed-deployment'))?.preset).toBe(goodCommit(2));

			// A later failure without a crash is the deployment's.
			await hostExec('docker exec trading-engine sh -c "kill -USR1 1"');
			const watch = () => place.start('status', '--watch', '--json');
			await suggests(watch(), 'failed-deployment', /has not passed verification, [0-9a-f]+ has passed it/);

			// The good commit again, but in an image that was built anew and crashes: the image that was verified.
			await hostExec(
				`git reset -q --keep "$1" && printf 'FROM abstractfinance-trading-engine:latest\\nRUN echo "raise SystemExit(3)" >src/settings.py\\n' | DOCKER_BUILDKIT=0 docker build -q -t abstractfinance-trading-engine:latest - && compose up -d --no-deps --no-build trading-engine`,
				[goodCommit(2)],
			);
			await suggests(watch(), 'rollback-image', /of the same commit has passed verification/);
			const run = await place.run('run', 'rollback-image', '--yes');
			expect(run.code, run.stdout + run.stderr).toBe(0);
			expect((await judge()).findings.filter(({ ok }) => !ok).map(({ name }) => name)).not.toContain('trading-engine');
		});
	});

	describe('engine-crash', () => {
		test('the commit before is bad too, and was never deployed: the one that was is gone back to', {
			tags: 'long',
		}, async () => {
			info = await breakLab('two-crash-commits');
			newPlace();
			const run = await place.run('run', 'engine-crash', '--yes');
			expect(run.stdout).toMatch(/done and verified/);
			expect(run.code).toBe(0);
			expect(await head()).toBe(info.goodCommit);
			expect(await judge()).toMatchObject({ ok: true });
		});
	});

	describe('rollback-commit', () => {
		const to = (commit: string) => place.run('run', 'rollback-commit', '--input', `commit=${commit}`, '--yes');

		test('local changes are kept where they do not collide, and stop it where they do', { tags: 'long' }, async () => {
			await breakLab('local-changes');
			newPlace();
			const edited = (await hostExec('cat config/instruments.yaml')).stdout;
			const collides = await to(goodCommit(2));
			expect(collides.stderr).toContain('config/instruments.yaml');
			expect(collides.code).toBe(4);
			const run = await to(goodCommit(1));
			expect(run.code).toBe(0);
			expect((await hostExec('cat config/instruments.yaml')).stdout).toBe(edited);
			expect(await judge()).toMatchObject({ ok: true });
		});

		test('from a detached HEAD', { tags: 'long' }, async () => {
			await breakLab('detached-head');
			newPlace();
			const run = await to(goodCommit(1));
			expect(run.code).toBe(0);
			expect(await head()).toBe(goodCommit(1));
			expect((await hostExec('git symbolic-ref -q HEAD')).code).toBe(1);
			expect(await judge()).toMatchObject({ ok: true });
		});

		test.each([
			['index-lock', /rm '.*index\.lock'/],
			['merge-unfinished', /merge --abort/],
		] as const)('%s: refused, with what to do', async (fault, why) => {
			await breakLab(fault);
			newPlace();
			const before = await hostState();
			const run = await to(goodCommit(1));
			expect(run.stderr).toMatch(why);
			expect(run.code).toBe(4);
			expect(await hostState()).toBe(before);
		});

		test('a commit that does not build: what runs goes on, nothing is changed', async () => {
			info = await breakLab('build-fails-commit');
			newPlace();
			await hostExec('git reset -q --keep "$1"', [info.goodCommit]);
			const before = await hostState();
			const run = await to(info.badCommit ?? '');
			expect(run.code).toBe(1);
			expect(run.stdout).toContain('requirements.lock');
			expect(await hostState()).toBe(before);
			expect(await judge()).toMatchObject({ ok: true });
		});

		test('the Compose file that stands here does not parse: that of the commit counts', { tags: 'long' }, async () => {
			newPlace();
			writeFileSync(join(info.directory, 'docker-compose.yml'), 'services: [\n');
			await hostExec('git -c user.name=x -c user.email=x@localhost commit -q -a -m broken');
			const run = await to(info.goodCommit);
			expect(run.stderr).toBe('');
			expect(run.code).toBe(0);
			expect(await judge()).toMatchObject({ ok: true });
		});
	});

	afterAll(() => healLab());
});
