import type { Sessions } from './sessions.ts';
import type { SshClient } from './ssh-client.ts';

/**
 * Starts a first session. sshd sets TCP_NODELAY only then: without it every forwarded request waits 40 ms. Nothing waits for this, as
 * later requests reach the server later. Callers that waited for the link have usually begun a session by now.
 */
export const warmUp = (client: SshClient, sessions: Sessions): void => {
	if (sessions.used) {
		return;
	}
	try {
		client.exec('exit 0', (error, channel) => {
			if (!error) {
				channel.resume();
				channel.stderr.resume();
				channel.end();
			}
		});
	} catch {
		// The connection is lost, which is reported elsewhere.
	}
};
