import { patch } from './patch.ts';

/**
 * Leaves out what ssh2 compiles at its installation: its C++ would replace Node's own ciphers, and cpu-features only orders them. So the
 * same, tested code runs wherever it is installed.
 */
export const noNativeParts = () =>
	patch('no-native-parts', ({ onResolve, onLoad, expect }) => {
		const parts = {
			'cpu-features': expect('nothing requires cpu-features'),
			'sshcrypto.node': expect('nothing requires sshcrypto.node'),
		};
		onResolve({ filter: /^cpu-features$|\.node$/ }, ({ path }) => {
			for (const [name, matched] of Object.entries(parts)) {
				if (path.endsWith(name)) {
					matched();
				}
			}
			return { path, namespace: 'native' };
		});
		// ssh2 catches it, and continues without.
		onLoad({ filter: /./, namespace: 'native' }, () => ({ contents: "throw new Error('it is not in the bundle')" }));
	});
