// The layers of docs/architecture.md. Data flows service -> store -> screen; `runbook/` is pure.
const forbid = (name, from, to, comment) => ({ name, severity: 'error', comment, from: { path: from }, to });
module.exports = {
	forbidden: [
		{ name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
		forbid('runbook-is-pure', '^src/runbook', { path: '^src/(?!runbook)' }, 'the domain imports nothing of the rest'),
		forbid(
			'runbook-no-io',
			'^src/runbook',
			{ path: '^(fs|net|http|https|child_process|dns|tls|fs/promises|node_modules/(ssh2|got|ink|react))' },
			'no I/O in the domain',
		),
		forbid('services-no-react', '^src/services', { path: 'node_modules/(react|ink)' }, 'services never import React'),
		forbid(
			'services-no-screens',
			'^src/services',
			{ path: '^src/(screens|components|stores|application|cli|commands|main|app)' },
			'data flows up, not down',
		),
		forbid(
			'stores-no-io',
			'^src/stores',
			{ path: '^src/(services|screens|components|application|commands)|node_modules/(ssh2|got)' },
			'stores hold state and do no I/O',
		),
		forbid(
			'screens-no-services',
			'^src/(screens|components)|^src/app',
			{ path: '^src/(services|application|commands)|node_modules/(ssh2|got)' },
			'a screen reads stores and calls actions',
		),
		forbid('components-know-no-screens', '^src/components', { path: '^src/screens' }, 'components are leaves'),
		forbid(
			'terminal-is-a-leaf',
			'^src/terminal',
			{ path: '^src/(services|screens|components|application|commands)' },
			'terminal knows bytes and cells only',
		),
		forbid(
			'application-no-react',
			'^src/application',
			{ path: '^src/(screens|components|commands)|node_modules/(react|ink)' },
			'both faces stand on the application layer',
		),
	],
	options: {
		doNotFollow: { path: 'node_modules' },
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'tsconfig.json' },
		enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js'] },
	},
};
