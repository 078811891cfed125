import { editFile, patch } from './patch.ts';

/** Takes a tenth of the time of an empty Node program, for 90 kB. */
const slowDecoding =
	'var b=xa(a.slice(37)),c=new Uint8Array(b.length);for(a=0;a<b.length;++a)c[a]=b.charCodeAt(a);var d=c';

/**
 * Lets Yoga and ssh2 find the WebAssembly that they include. Yoga would fetch its own from a data: URL, which loads all of undici;
 * without `fetch` it decodes it, which Node does faster. ssh2 looks up its folder by a name that ES modules do not have.
 */
export const embeddedWasm = () => {
	const made = patch('embedded-wasm', (parts) => {
		editFile(parts, {
			file: 'yoga-layout/dist/binaries/yoga-wasm-base64-esm.js',
			expects: ['"function"!=typeof fetch?', 'data:application/octet-stream;base64,', slowDecoding],
			edit: (text) => text.replace(slowDecoding, 'var d=Buffer.from(a.slice(37),"base64")'),
		});
		editFile(parts, { file: 'ssh2/lib/protocol/crypto/poly1305.js', expects: ['__dirname'], edit: (text) => text });
	});
	return { ...made, define: { fetch: 'undefined', __dirname: 'import.meta.dirname' } };
};
