/** The sentence about startup files that take so long, ms. */
export const slowLogin = (ms: number): string =>
	`the login's startup files take ${Math.round(ms / 1000)} s: every command waits for them`;

/** What to do about it. */
export const slowLoginNext =
	'Look on the host at ~/.bashrc, ~/.profile, /etc/profile.d and ~/.ssh/rc for what waits (sleep, a network drive, a version manager), and leave them early where nobody types: `case $- in *i*) ;; *) return ;; esac`. Or is the host very busy?';
