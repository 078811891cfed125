#!/bin/sh
':' //; export MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_-131072}"; exec node --min-semi-space-size=2 --max-semi-space-size=2 -- "$0" "$@"

// sh runs the line above, which starts Node on this file; for Node that line is a string. What is set there, a program cannot set
// for itself: docs/performance.md says what for, `node bin/backout.js` does without.
//
// Nothing here that an old Node could stumble over before it is told that it is one.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 12)) {
	import('./start.js');
} else {
	process.stderr.write(
		`backout: it needs Node 22.12 or newer; this is ${process.version} (${process.execPath})\n` +
			'In a clone, `npm ci` installs one for it alone: npm run --silent backout -- …\n',
	);
	process.exitCode = 2;
}
