import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import { cancelAndReport } from '../../src/application/runs/cancelled.ts';
import { composeShell } from '../../src/engines/compose/shell.ts';
import type { Host } from '../../src/services/host/host.ts';
import { startRun } from '../helpers/compose-runner.ts';
import { killSupervisor } from '../helpers/proc.ts';
import { type Deployment, eachDeployment, finish, localHost, step, untilOutput, who } from './fixture.ts';

// What a step has started inside containers by /usr/bin/docker, sudo or docker-compose carries no mark: only the engine tells of it.

let deployment: Deployment;
let host: Host;
const bin = () => join(dirname(deployment.directory), 'bin');
const path = () => `${bin()}:${process.env.PATH}`;

eachDeployment(
	(opened) => {
		({ deployment, host } = opened);
	},
	({ directory }) => localHost({ ...process.env, PATH: `${dirname(directory)}/bin:${process.env.PATH}` }),
);

const id = (digit: number) => String(digit).repeat(64);
/** What Docker 28 has said of four containers: the project's web and db, one of its image without Compose, and an old one of somebody else. */
const docker = `#!/bin/sh
new=$(date -u +%Y-%m-%dT%H:%M:%S.123456789Z)
old=2020-01-01T10:00:00.1Z
case "$*" in
	'ps -q --no-trunc') printf '%s\\n' ${id(1)} ${id(2)} ${id(3)} ${id(4)} ;;
	inspect*Healthcheck*${id(1)}*) echo 'sleep 8.5; true ' ;;
	inspect*Healthcheck*) echo 'template parsing error' >&2; exit 1 ;;
	inspect*)
		printf '%s\\t%s\\t%s\\t/%s\\t%s\\n' ${id(1)} 100 $new app-web-1 'app False' ${id(2)} 200 $old app-db-1 'app False'
		printf '%s\\t%s\\t%s\\t/%s\\t%s\\n' ${id(3)} 300 $new left 'app <no value>' ${id(4)} 400 $old other 'shop False'
		;;
	top*${id(1)}*)
		cat <<END
PID                 PPID                ELAPSED             COMMAND
100                 90                  1-02:00:04          sh /app.sh
101                 100                 00:00               sleep 1
110                 90                  00:00               /bin/sleep 77 --password=secret-1
111                 90                  00:00               /bin/sh -c sleep 8.5; true
112                 90                  2-03:04:05          sh
END
		;;
	top*) printf 'PID PPID ELAPSED COMMAND\\n200 9 01:00 x\\n' ;;
esac
`;
const inside =
	'Begun inside containers during this step and still running, whoever began it: sleep (process 110 in app-web-1)';
const beside = 'Containers created during this step and still running, whoever created them: left';

beforeEach(() => {
	deployment.write('compose.yaml', '');
	mkdirSync(bin());
	writeFileSync(join(bin(), 'docker'), docker);
	chmodSync(join(bin(), 'docker'), 0o755);
});

const run = async () => {
	const plan = deployment.plan([step('work', 'echo ready; sleep 1000')]);
	const { id } = await startRun(host, { plan, who, reason: '', state: deployment.state, graceSeconds: 1 });
	await untilOutput(host, deployment.where, id, 'ready');
	return id;
};
const cancel = async (id: string) => {
	const session = {
		host,
		target: { ...deployment.where, name: 'test', project: 'app' },
		readOnly: false,
		engine: { terms: { name: 'Docker' }, list: async () => [] },
	} as unknown as Session;
	return (await cancelAndReport(session, id)).lines;
};

test('a cancel names what has begun inside containers and beside them, and still runs; so does the output', async () => {
	const id = await run();
	expect((await cancel(id)).slice(1, 3)).toEqual([`${inside}.`, `${beside}.`]);
	expect((await finish(host, deployment.where, id)).output).toContain(`${inside}\n${beside}\n`);
});

test('so does a cancel of what a run that died has left', async () => {
	const id = await run();
	killSupervisor(id);
	expect((await cancel(id)).slice(1, 3)).toEqual([`${inside}.`, `${beside}.`]);
});

test('where Docker does not answer a cancel names nothing, and ends all the same', async () => {
	writeFileSync(join(bin(), 'docker'), '#!/bin/sh\nexec sleep 1000\n');
	const lines = await cancel(await run());
	expect(lines[0]).toContain('is cancelled');
	expect(lines.join('\n')).not.toContain('still running');
});

test.each(['dash', 'bash --posix', 'busybox sh'])('%s tells what is new from what is not', (shell) => {
	const [command = '', ...options] = shell.split(' ');
	const { stdout, stderr } = spawnSync(command, [...options, '-c', composeShell.leftInside ?? '', 'sh', '3'], {
		encoding: 'utf8',
		env: { ...process.env, PATH: path(), project: 'app' },
	});
	expect({ stdout, stderr }).toEqual({ stdout: `${inside}\n${beside}\n`, stderr: '' });
});
