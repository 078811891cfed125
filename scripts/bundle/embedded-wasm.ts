import { editFile, patch } from './patch.ts';

/**
 * Lets Yoga and ssh2 find the WebAssembly that they include. Yoga would fetch its own from a data: URL, which loads all of undici;
 * without `fetch` it decodes it. ssh2 looks up its folder by a name that ES modules do not have.
 */
export const embeddedWasm = () => {
	const made = patch('embedded-wasm', (parts) => {
		const keep = (text: string) => text;
		editFile(parts, {
			file: 'yoga-layout/dist/binaries/yoga-wasm-base64-esm.js',
			expects: ['"function"!=typeof fetch?', 'data:application/octet-stream;base64,'],
			edit: keep,
		});
		editFile(parts, { file: 'ssh2/lib/protocol/crypto/poly1305.js', expects: ['__dirname'], edit: keep });
	});
	return { ...made, define: { fetch: 'undefined', __dirname: 'import.meta.dirname' } };
};
