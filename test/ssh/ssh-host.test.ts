import { openHost } from '../../src/services/host/open.ts';
import { describeHost } from '../host/contract.ts';
import { type Sshd, sshdMissing, startSshd } from './sshd.ts';

if (sshdMissing() === undefined) {
	for (const transport of ['ssh2', 'openssh'] as const) {
		let sshd: Sshd;

		describeHost(
			`a host reached by SSH, by ${transport}`,
			async () => {
				sshd = await startSshd();
				const host = openHost(
					{ host: sshd.destination, ssh: { identityFile: sshd.identity, transport } },
					{ home: sshd.home, env: { PATH: process.env.PATH } },
				);
				return { host, folder: sshd.folder };
			},
			() => sshd.stop(),
		);
	}
}
