import type { Finding } from '../../runbook/finding.ts';
import type { Facts } from '../../services/doctor/facts.ts';
import { hostFinding } from '../../services/doctor/host-finding.ts';

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

/**
 * Judges the output of check-docker.sh; without the client there is nothing to judge but Podman.
 *
 * @param others judges what an engine reads besides, where there is a client
 */
export const judgeDockerAnd = (facts: Facts, others: (facts: Facts) => readonly Finding[]): readonly Finding[] => {
	if (!facts.all('missing').includes('docker')) {
		return [judgeDocker(facts), ...others(facts)];
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
