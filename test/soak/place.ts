import {
	chmodSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	realpathSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OwnSshd, startOwnSshd } from '../faults/own-sshd.ts';
import { must } from '../lab/exec.ts';
import type { LabInfo } from '../lab/index.ts';
import { startProxy, type TcpProxy } from '../net/proxy.ts';
import { History } from './history.ts';
import { soakRunbook } from './runbook.ts';

/** The logins of a soak: root's, and that of the deployment's owner, to whom the state folder belongs. */
export const logins = ['lab', 'owner'] as const;

/** The place of a soak: a connection of its own to the lab's host, and folders of its own here and there. */
export interface Place {
	readonly info: LabInfo;
	readonly folder: string;
	/** The state folder on the host. */
	readonly state: string;
	/** The folder with the copies of the journal. */
	readonly copies: string;
	readonly env: Readonly<Record<string, string>>;
	readonly sshd: OwnSshd;
	readonly proxy: TcpProxy;
	/** Calls and answers of all clients; kept as history.ndjson in the folder. */
	readonly history: History;
	/** The file with the notes of the steps, on the host. */
	readonly ledgerFile: string;
	/** Returns the notes of the steps, as lines. */
	ledger(): readonly string[];
	close(): Promise<void>;
}

export const openPlace = async (info: LabInfo): Promise<Place> => {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'backout-soak-')));
	// The owner's login has to reach the state folder and the ledger.
	chmodSync(folder, 0o711);
	const [state, ledger, knownHosts] = [join(folder, 'state'), join(folder, 'ledger'), join(folder, 'known_hosts')];
	const [bin, stateHome] = [join(folder, 'bin'), join(folder, 'xdg-state')];
	mkdirSync(bin);
	writeFileSync(ledger, '');
	chmodSync(ledger, 0o666);
	mkdirSync(state, { mode: 0o700 });
	await must('chown', [`${info.owner}:${info.owner}`, state]);
	const sshd = await startOwnSshd(info, folder, bin);
	const proxy = await startProxy(sshd.port);
	const known = readFileSync(info.knownHosts, 'utf8').replaceAll(
		`[127.0.0.1]:${info.sshPort} `,
		`[127.0.0.1]:${proxy.port} `,
	);
	writeFileSync(knownHosts, known);
	writeFileSync(join(folder, 'soak.yaml'), soakRunbook(info, ledger));
	const target = (user: string) => ({
		host: `${user}@127.0.0.1:${proxy.port}`,
		directory: info.directory,
		project: info.project,
		runbook: './soak.yaml',
		state,
		identityFile: info.identityFile,
		knownHosts,
	});
	const targets = { lab: target(info.user), owner: target(info.owner) };
	writeFileSync(join(folder, 'backout.yaml'), JSON.stringify({ default: 'lab', targets }));
	return {
		info,
		folder,
		state,
		copies: stateHome,
		env: { XDG_STATE_HOME: stateHome },
		sshd,
		proxy,
		history: new History(join(folder, 'history.ndjson')),
		ledgerFile: ledger,
		ledger: () =>
			readFileSync(ledger, 'utf8')
				.split('\n')
				.filter((line) => line !== ''),
		close: async () => {
			await proxy.stop();
			await sshd.stop();
			rmSync(folder, { recursive: true, force: true });
		},
	};
};

/** Files below a folder whose names end so. */
export const filesBelow = (folder: string, ending: string): readonly string[] => {
	try {
		return readdirSync(folder, { recursive: true, encoding: 'utf8' })
			.filter((name) => name.endsWith(ending))
			.map((name) => join(folder, name));
	} catch {
		return [];
	}
};
