import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compare } from '../../../src/engines/compose/comparison.ts';
import factsScript from '../../../src/engines/compose/container-facts.sh';
import { containerFacts } from '../../../src/engines/compose/container-facts.ts';
import { type ComposeModel, parseModel } from '../../../src/engines/compose/model.ts';
import stateScript from '../../../src/engines/compose/undo/undo-container-state.sh';
import { type Shell, shellMissing, shellPath, shells } from '../../runner/shells.ts';
import { compared } from './compared-services.ts';

const id = 'abcdef0123456789'.repeat(4);

interface Names {
	readonly name?: string;
	readonly aliases: readonly string[] | null;
	readonly network?: string;
	readonly address?: string;
}

/** A container as Docker inspects it. */
const inspected = ({ name = 'shop-web-1', aliases, network = 'shop_default', address = '' }: Names) => ({
	Id: id,
	Name: `/${name}`,
	Image: `sha256:${'a'.repeat(64)}`,
	State: { Status: 'running' },
	Config: {
		Labels: {
			'com.docker.compose.project': 'shop',
			'com.docker.compose.service': 'web',
			'com.docker.compose.container-number': '1',
		},
	},
	HostConfig: { NetworkMode: 'shop_default' },
	NetworkSettings: { Networks: { [network]: { IPAMConfig: { IPv4Address: address }, Aliases: aliases } } },
});

/** Gives its aliases as the shell has them, from what Docker prints for the template. */
const byShell = (shell: Shell, { name = 'shop-web-1', aliases, network = 'shop_default' }: Names): string => {
	const said = [
		`id\t${id} running - /${name}`,
		`aliases\tshop${(aliases ?? []).map((one) => ` ${network}/${one}`).join('')}`,
	];
	const script = `${factsScript}\ncontainers_of() { echo ${id}; }\nengine() { printf '%s\\n' "$said"; }\nfacts_of_containers`;
	const { stdout } = spawnSync(shellPath(shell), [...(shell === 'busybox' ? ['sh'] : []), '-c', script], {
		encoding: 'utf8',
		env: { PATH: process.env.PATH, said: said.map((line) => `web|1\t${line}`).join('\n') },
	});
	return stdout;
};

const given = ['web', 'shop-web-1'];
const cases: readonly (readonly [string, Names, readonly string[]])[] = [
	['Compose 2, Docker 26', { aliases: given }, []],
	['Compose 1, Docker 20.10', { name: 'shop_web_1', aliases: ['web', 'abcdef012345'] }, []],
	['none', { aliases: null }, []],
	['a container that was renamed', { name: 'front', aliases: given }, []],
	['one that was recreated by half', { name: '0123456789ab_own', aliases: ['web', 'own'] }, []],
	['one that is held', { aliases: ['policy-always', 'abcdef012345'], network: 'held-by-backout' }, []],
	['by hand', { aliases: [...given, 'db-primary', 'abcdef012345'] }, ['db-primary']],
	['the id of another container', { aliases: [...given, '0123456789ab'] }, ['0123456789ab']],
];

describe.each(cases)('the aliases of %s', (_, names, aliases) => {
	const network = names.network ?? 'shop_default';

	test('are read from what Docker says', () => {
		const facts = containerFacts(inspected(names)).facts.filter(({ aspect }) => aspect === 'alias');
		expect(facts.map(({ name }) => name)).toEqual(aliases.map((alias) => `${network}/${alias}`));
	});

	test.each(shells.filter((shell) => !shellMissing(shell)))('are the same facts in %s', (shell) => {
		expect(byShell(shell, names)).toBe(`web|1\taliases\t${aliases.map((alias) => ` ${network}/${alias}`).join('')}\n`);
	});
});

describe('what somebody has given a container in a network of its files', () => {
	const files = (more: object = {}, service: object = {}): ComposeModel =>
		parseModel(
			JSON.stringify({
				name: 'shop',
				services: { web: { build: { context: '/srv/shop' }, networks: { default: more }, ...service } },
				networks: { default: { name: 'shop_default' } },
			}),
		);
	const losses = (names: Partial<Names>, now = files(), after = now) =>
		compare(
			compared({ now, after, rebuilds: true, containers: [containerFacts(inspected({ aliases: given, ...names }))] }),
		).losses;

	test('would be lost, and the plan names it', () => {
		const lost = losses({ aliases: [...given, 'db-primary'], address: '172.20.0.9' });
		expect(lost.map(({ name }) => name)).toEqual(['web:alias:db-primary', 'web:address:shop_default']);
		expect(lost[0]?.reason).toContain('would no longer find web as db-primary');
		expect(lost[1]?.reason).toContain('would no longer have the address 172.20.0.9');
	});

	test('is no loss where the files give it, or gave it until the chosen commit', () => {
		const written = files({ aliases: ['db-primary'], ipv4_address: '172.20.0.9' }, { container_name: 'own' });
		const names = { aliases: [...given, 'own', 'db-primary'], address: '172.20.0.9' };
		expect(losses(names, written)).toEqual([]);
		expect(losses(names, written, files())).toEqual([]);
		expect(losses(names, files(), written)).toEqual([]);
	});

	test('is lost with its network where that goes, and that alone is named', () => {
		const lost = losses({ aliases: ['db-primary'], network: 'proxy' });
		expect(lost.map(({ name }) => name)).toEqual(['web:network:proxy']);
	});
});

describe.each(shells.filter((shell) => !shellMissing(shell)))('an undo, by %s', (shell) => {
	const differs = (before: string, now: string): string => {
		const folder = mkdtempSync(join(tmpdir(), 'backout-facts-'));
		try {
			writeFileSync(join(folder, 'container-facts'), before);
			const { stdout } = spawnSync(
				shellPath(shell),
				[...(shell === 'busybox' ? ['sh'] : []), '-c', `${stateScript}\nfacts_that_differ web 1`],
				{ encoding: 'utf8', env: { PATH: process.env.PATH, from_dir: folder, facts_now: now } },
			);
			return stdout;
		} finally {
			rmSync(folder, { recursive: true });
		}
	};
	const user = 'web|1\tuser\t"1000"\n';

	test('sees an alias and an address that are gone', () => {
		const then = `${user}web|1\taliases\t shop_default/x\nweb|1\taddresses\t shop_default/172.20.0.9\n`;
		expect(differs(then, then)).toBe('');
		expect(differs(then, `${user}web|1\taliases\t\nweb|1\taddresses\t\n`)).toBe('addresses\naliases\n');
	});

	test('of a restore point that has none of these compares the rest', () => {
		const now = 'web|1\tuser\t"0"\nweb|1\taliases\t shop_default/x\nweb|1\taddresses\t\n';
		expect(differs(user, now)).toBe('user\n');
	});
});
