import type { Finding } from '../../../runbook/finding.ts';
import type { Facts } from '../../../services/doctor/facts.ts';
import { hostFinding } from '../../../services/doctor/host-finding.ts';

const judgeDocker = (facts: Facts): Finding => {
	const engine = facts.one('docker');
	if (engine !== undefined) {
		const at = facts.one('docker-at');
		const socket = facts.one('docker-host');
		const podman = facts.one('podman');
		const where = [
			...(podman === undefined ? [] : [`it is Podman (${podman}), and there is no client of Docker`]),
			...(at === undefined ? [] : [`docker is ${at}, whose folder is not on the PATH of a non-interactive login`]),
			...(socket === undefined ? [] : [`at ${socket}`]),
		];
		return hostFinding('docker', 'Docker', 'ok', [`engine ${engine}`, ...where].join('; '));
	}
	const why = facts.one('no-docker');
	const fix = /permission denied/i.test(why ?? '')
		? `Let this user use it: sudo usermod -aG docker ${facts.one('user') ?? 'USER'}  (then reconnect); or, where sudo docker works, set sudo: true of this target`
		: 'Check it on the host: systemctl status docker, journalctl -u docker.';
	return hostFinding('docker', 'Docker', 'failed', why ?? 'no answer', fix);
};

const judgeCompose = (facts: Facts): Finding => {
	const compose = facts.one('compose');
	const isTwo = compose !== undefined && Number.parseInt(compose.replace(/^v/, ''), 10) >= 2;
	return isTwo
		? hostFinding('compose', 'Compose', 'ok', compose)
		: hostFinding(
				'compose',
				'Compose',
				'failed',
				compose ?? facts.one('no-compose') ?? 'not there',
				'Install the Compose v2 plugin: apt-get install docker-compose-plugin',
			);
};

/** Judges the output of check-engine.sh; without the client there is nothing to judge. */
export const judgeEngine = (facts: Facts): readonly Finding[] => {
	if (!facts.all('missing').includes('docker')) {
		return [judgeDocker(facts), judgeCompose(facts)];
	}
	const podman = facts.one('podman');
	return podman === undefined
		? []
		: [
				hostFinding(
					'podman',
					'Podman',
					'warn',
					`it is here (${podman}), but nothing is called docker`,
					'Let backout write to ~/.cache on the host, and run: systemctl enable --now podman.socket (with --user for a rootless Podman).',
				),
			];
};
