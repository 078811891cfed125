import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeShell } from '../../src/engines/compose/shell.ts';
import type { LocalPlace } from './local-place.ts';

/** The lowest layer: each function of the runner that is given a host, and whether it changes something there. */
export const onHost: Readonly<Record<string, 'changes' | 'looks' | 'own'>> = {
	startRun: 'changes',
	completeStep: 'changes',
	approveRun: 'changes',
	cancelRun: 'changes',
	markCommit: 'changes',
	markImage: 'changes',
	appendMark: 'changes',
	appendLines: 'changes',
	keepMeasured: 'changes',
	appendVerdict: 'changes',
	appendReadings: 'changes',
	appendFact: 'changes',
	noteNotice: 'changes',
	noteHealth: 'changes',
	tellHealthFromHost: 'changes',
	recordHealthTold: 'changes',
	dropRestorePoints: 'changes',
	dropRunsNow: 'changes',
	noteShell: 'changes',
	noteVerifiedDeployment: 'changes',
	liftBlocks: 'changes',
	giveUpLock: 'changes',
	followRun: 'looks',
	lockHolder: 'looks',
	listPrunable: 'looks',
	listRestorePoints: 'looks',
	listRuns: 'looks',
	listShells: 'looks',
	outputPieces: 'looks',
	stepHistory: 'looks',
	readBlocks: 'looks',
	unsentNotices: 'looks',
	readCommitMarks: 'looks',
	readGap: 'looks',
	readImageCommits: 'looks',
	readImageMarks: 'looks',
	readKeptState: 'looks',
	readMarkLines: 'looks',
	readMarks: 'looks',
	readMeasured: 'looks',
	readOutput: 'looks',
	readRun: 'looks',
	readRunFiles: 'looks',
	readWatchedMs: 'looks',
	// Of a run that this very session failed to start, and so of one that it was allowed to start.
	revokeStart: 'own',
};

/** Further arguments of those that change something, for a place with these runs. */
export const argumentsOf = (
	place: LocalPlace,
	runs: { readonly verified: string; readonly waiting: string },
): Readonly<Record<string, readonly unknown[]>> => {
	const where = { directory: place.directory, state: place.state };
	const plan = JSON.parse(readFileSync(join(place.state, 'runs', runs.verified, 'plan.json'), 'utf8'));
	const who = { user: 'ana', machine: 'laptop' };
	const verdict = { verdict: 'passed', at: 1, by: who, reason: '', checks: [] };
	const words = {
		what: 'x',
		commit: 'a'.repeat(40),
		image: `sha256:${'a'.repeat(64)}`,
		verdict: 'passed',
		run: runs.verified,
		at: 1,
	};
	const health = { event: 'unhealthy-1', channel: { name: 'ops' }, by: who };
	return {
		startRun: [{ plan, who, reason: '', state: place.state }],
		completeStep: [where, runs.waiting, { step: 1, answer: 'done', who, reason: '' }],
		approveRun: [where, runs.waiting, { step: 1, planHash: 'a', who, reason: '' }],
		cancelRun: [where, runs.waiting, { who }],
		markCommit: [where, words],
		markImage: [where, words],
		appendMark: [where, 'commits', words],
		appendLines: [where, 'measured', ['x good 1 - 1']],
		keepMeasured: [where, [{ check: 'x', value: 1, at: 1, run: undefined }]],
		appendVerdict: [where, runs.verified, verdict],
		appendReadings: [where, runs.verified, { moment: 'after', at: 1, by: who, seen: [] }],
		appendFact: [where, runs.verified, 'silence', '1'],
		noteNotice: [where, { run: runs.verified, event: 'ended', channel: 'ops' }, { word: 'claimed', by: who }],
		noteHealth: [where, { by: who, wanted: [] }],
		tellHealthFromHost: [where, health, { notice: {}, secrets: {} }],
		recordHealthTold: [where, health, { word: 'sent' }],
		giveUpLock: [
			where,
			{ script: 'false', environment: {} },
			{ run: runs.verified, node: 'x', at: 1, who, reason: '' },
		],
		dropRestorePoints: [composeShell, where, [runs.verified]],
		dropRunsNow: [composeShell, where, [runs.verified]],
		noteVerifiedDeployment: [where, { run: 'x', who, reason: '', rolledBack: undefined, lift: [] }],
		liftBlocks: [where, ['x'], { who, reason: '' }],
		noteShell: [where, { id: 'x', at: 1, who, container: 'web-1', service: 'web' }],
	};
};
