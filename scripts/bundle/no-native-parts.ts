import { patch } from './patch.ts';

/**
 * Leaves out what ssh2 compiles when it is installed: its C++ would take the place of Node's own ciphers, and cpu-features only
 * orders them. So the same code runs wherever it is installed, which is the code that was tested.
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
		// ssh2 catches it, and goes on without.
		onLoad({ filter: /./, namespace: 'native' }, () => ({ contents: "throw new Error('it is not in the bundle')" }));
	});
