#!/usr/bin/env node
// Nothing here that an old Node could stumble over before it is told that it is one.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 12)) {
	import('./start.js');
} else {
	process.stderr.write(`backout: it needs Node 22.12 or newer; this is ${process.version} (${process.execPath})\n`);
	process.exitCode = 2;
}
