import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openHost } from '../../src/services/host/open.ts';
import { appears } from '../../src/services/ssh/openssh/master.ts';

const folder = mkdtempSync(join(tmpdir(), 'backout-ended-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a control socket is waited for though its folder is gone: ssh may have ended already', async () => {
	const over = new AbortController();
	const gone = join(folder, 'gone');
	const waiting = appears(join(gone, 'master'), gone, over.signal);
	over.abort(new Error('what ssh said'));
	await expect(waiting).rejects.toThrow('what ssh said');
});

test('an ssh that ends once its control socket is there says why', async () => {
	const real = execFileSync('sh', ['-c', 'command -v ssh'], { encoding: 'utf8' }).trim();
	writeFileSync(
		join(folder, 'ssh'),
		`#!/bin/sh
case " $* " in *' -G '*) exec ${real} "$@" ;; esac
while [ "$1" != -S ]; do shift; done
exec '${process.execPath}' -e '
	const server = require("node:net").createServer((socket) => {
		socket.destroy();
		process.stderr.write("ssh: connect to host 127.0.0.1 port 1: Connection refused\\n", () => process.exit(255));
	});
	// Like ssh: the socket has its name only once it is listened on.
	const [, path] = process.argv;
	server.listen(path + ".new", () => require("node:fs").renameSync(path + ".new", path));
' "$2"
`,
	);
	chmodSync(join(folder, 'ssh'), 0o755);
	const host = openHost(
		{ host: '127.0.0.1:1', ssh: { transport: 'openssh' } },
		{ home: folder, env: { PATH: `${folder}:${process.env.PATH}` }, retryFirst: false },
	);
	await expect(host.ready()).rejects.toMatchObject({
		code: 'unreachable',
		message: expect.stringMatching(/connection refused/),
	});
	await host.close();
});
