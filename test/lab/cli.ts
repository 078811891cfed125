import { spawnSync } from 'node:child_process';
import { faults } from './faults.ts';
import {
	breakLab,
	ensureLab,
	type FaultName,
	healLab,
	judge,
	type LabInfo,
	labAvailable,
	labRuns,
	readLabInfo,
	stopLab,
	type Verdict,
} from './index.ts';
import { install } from './install.ts';
import { labDir } from './layout.ts';

const usage = `npm run lab -- COMMAND

  install           what the lab needs, on Debian, as root
  up                brings it up, in its good state
  info [--json]     where it is
  break FAULT       injects a fault
  heal              back to the good state
  judge [--json]    is the deployment well? Exit code 0 when it is, 1 when not
  ssh [COMMAND]     a shell or a command on the host
  down [--purge]    ends it; --purge removes its folder's contents

Faults:
${Object.entries(faults)
	.map(([name, fault]) => `  ${name.padEnd(20)}${fault.title}`)
	.join('\n')}
`;

async function main(args: string[]): Promise<number> {
	const [command, ...rest] = args;
	const json = rest.includes('--json');
	const begun = Date.now();
	const say = (line: string) => process.stderr.write(`[${((Date.now() - begun) / 1000).toFixed(1)} s] ${line}\n`);
	switch (command) {
		case 'install':
			await install(labDir(), say);
			return 0;
		case 'up': {
			const able = await labAvailable();
			if (!able.ok) throw new Error(`the lab cannot run here: ${able.reason}`);
			const info = await ensureLab(say);
			say('up');
			process.stdout.write(describe(info));
			return 0;
		}
		case 'info':
			process.stdout.write(
				json ? `${JSON.stringify(readLabInfo(), null, '\t')}\n` : `${describe(readLabInfo())}${await running()}`,
			);
			return 0;
		case 'break': {
			const name = rest[0] ?? '';
			if (!Object.hasOwn(faults, name)) break;
			await breakLab(name as FaultName);
			say(`injected: ${faults[name as FaultName].title}`);
			return 0;
		}
		case 'heal':
			await healLab();
			say('healed');
			return 0;
		case 'judge': {
			const verdict = await judge();
			process.stdout.write(json ? `${JSON.stringify(verdict, null, '\t')}\n` : table(verdict));
			return verdict.ok ? 0 : 1;
		}
		case 'ssh':
			return spawnSync('ssh', ['-F', readLabInfo().sshConfig, 'lab', ...rest], { stdio: 'inherit' }).status ?? 255;
		case 'down':
			await stopLab({ purge: rest.includes('--purge') });
			say('down');
			return 0;
	}
	process.stderr.write(usage);
	return command === 'help' || command === '--help' ? 0 : 2;
}

function describe(info: LabInfo): string {
	const { ports } = info;
	return `host           ${info.user}@${info.sshHost}:${info.sshPort}   (jump host: port ${info.jumpPort})
ssh            ssh -F ${info.sshConfig} lab
directory      ${info.directory}
docker         DOCKER_HOST=unix://${info.dockerSocket}
health         http://127.0.0.1:${ports.health}/health
metrics        http://127.0.0.1:${ports.metrics}/metrics
grafana        http://127.0.0.1:${ports.grafana}
alertmanager   http://127.0.0.1:${ports.alertmanager}
noVNC          http://127.0.0.1:${ports.novnc}
good commit    ${info.goodCommit}
fault          ${info.fault ?? 'none'}
`;
}

async function running(): Promise<string> {
	const { docker, sshd, jump } = await labRuns();
	const word = (is: boolean) => (is ? 'runs' : 'stopped');
	return `processes      docker ${word(docker)}, sshd ${word(sshd)}, jump host ${word(jump)}\n`;
}

function table(verdict: Verdict): string {
	const lines = verdict.findings.map(({ name, ok, detail }) => `${ok ? 'ok ' : 'NOT'}  ${name.padEnd(15)}${detail}\n`);
	return `${lines.join('')}${verdict.ok ? 'well' : 'not well'}\n`;
}

try {
	process.exitCode = await main(process.argv.slice(2));
} catch (error) {
	process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
}
