import { editFile, patch } from './patch.ts';

/**
 * Leaves HTTP/2 out of got, as no request uses it, and web streams, as none is ever sent: got tests each body for being one, and Node
 * loads all of them for the test.
 */
export const plainHttp = () =>
	patch('plain-http', (parts) => {
		editFile(parts, {
			file: 'got/dist/source/core/utils/http2-client.js',
			expects: ["import http2 from 'node:http2'", 'export default'],
			edit: () => 'export default {};',
		});
		for (const file of ['got/dist/source/core/index.js', 'got/dist/source/core/utils/is-non-replayable-body.js']) {
			editFile(parts, {
				file,
				expects: ['body instanceof ReadableStream'],
				edit: (text) => `class ReadableStream {}\n${text}`,
			});
		}
	});
