import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { writeLabConfig } from './config.ts';
import { faults } from './faults.ts';
import {
	breakLab,
	ensureLab,
	type FaultName,
	type GoodState,
	healLab,
	judge,
	type LabInfo,
	labAvailable,
	labRuns,
	readLabInfo,
	setWatchdog,
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
  heal [OPTION...]  back to the good state: --trading, --dc, --tag make it another of the good ones
  mode asleep|trading    heals, with the engine asleep between its runs, or with today's runs behind it
  secrets env|dc         heals, with the secrets in .env, or only in the vault, by ./dc
  deployed branch|tag    heals, deployed from main (staging), or at a tag with HEAD detached (production)
  watchdog on|off   the other server's watchdog over this one
  judge [--json]    is the deployment well? Exit code 0 when it is, 1 when not
  ssh [COMMAND]     a shell or a command on the host, as root
  owner [COMMAND]   the same as the deployment's owner
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
			writeLabConfig(info);
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
			await healed({
				...(rest.includes('--trading') && { mode: 'trading' }),
				...(rest.includes('--dc') && { secrets: 'dc' }),
				...(rest.includes('--tag') && { deployed: 'tag' }),
			});
			say('healed');
			return 0;
		case 'mode':
		case 'secrets':
		case 'deployed': {
			if (!goodStates[command].includes(rest[0] ?? '')) break;
			const { secrets, deployed } = readLabInfo();
			await healed({ secrets, deployed, [command]: rest[0] });
			say(`${command}: ${rest[0]}`);
			return 0;
		}
		case 'watchdog':
			if (rest[0] !== 'on' && rest[0] !== 'off') break;
			await setWatchdog(rest[0] === 'on');
			say(`watchdog ${rest[0]}`);
			return 0;
		case 'judge': {
			const verdict = await judge();
			process.stdout.write(json ? `${JSON.stringify(verdict, null, '\t')}\n` : table(verdict));
			return verdict.ok ? 0 : 1;
		}
		case 'ssh':
		case 'owner': {
			const login = command === 'ssh' ? 'lab' : 'owner';
			return spawnSync('ssh', ['-F', readLabInfo().sshConfig, login, ...rest], { stdio: 'inherit' }).status ?? 255;
		}
		case 'down':
			await stopLab({ purge: rest.includes('--purge') });
			say('down');
			return 0;
	}
	process.stderr.write(usage);
	return command === 'help' || command === '--help' ? 0 : 2;
}

const goodStates: Record<'mode' | 'secrets' | 'deployed', string[]> = {
	mode: ['asleep', 'trading'],
	secrets: ['env', 'dc'],
	deployed: ['branch', 'tag'],
};

/** Heals, and writes the config anew: its Compose keys are those of that state. */
async function healed(wanted: GoodState): Promise<void> {
	writeLabConfig(await healLab(wanted));
}

function describe(info: LabInfo): string {
	const { ports } = info;
	const at = (port: number, path = '') => `http://127.0.0.1:${port}${path}`;
	return `host           ${info.user}@${info.sshHost}:${info.sshPort}, or ${info.owner}@...   (jump host: port ${info.jumpPort})
ssh            ssh -F ${info.sshConfig} lab      (or: owner, lab-via-jump)
config         ${join(info.dir, 'backout.yaml')}
directory      ${info.directory}
docker         DOCKER_HOST=unix://${info.dockerSocket}
health         ${at(ports.health, '/health')}
metrics        ${at(ports.metrics, '/metrics')}
grafana        ${at(ports.grafana)}
alertmanager   ${at(ports.alertmanager)}
prometheus     ${at(ports.prometheus)}
gateway        API 127.0.0.1:${ports.api}, VNC 127.0.0.1:${ports.vnc}
good commit    ${info.goodCommit}
secrets        ${info.secrets}
deployed       ${info.deployed}
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
