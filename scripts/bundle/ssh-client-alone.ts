import { editFile, patch } from './patch.ts';

const unused = [
	{ file: 'ssh2/lib/server.js', expects: ['class Server extends'] },
	{ file: 'ssh2/lib/http-agents.js', expects: ['HttpAgent'] },
	{ file: 'ssh2/lib/keygen.js', expects: ['generateKeyPair'] },
	{ file: 'ssh2/lib/protocol/SFTP.js', expects: ['class SFTP extends'] },
];

/** Leaves out ssh2's server, HTTP agents, key maker and SFTP: ssh2 loads them with its client, and they load half of Node. */
export const sshClientAlone = () =>
	patch('ssh-client-alone', (parts) => {
		for (const { file, expects } of unused) {
			editFile(parts, { file, expects, edit: () => 'module.exports = {};' });
		}
	});
