/**
 * The only script of the page. Over HTTP it fetches the page again and exchanges what it shows, so that nothing flickers; a file is
 * loaded again. When nothing newer comes, it says so above everything: an old page must not pass for the present.
 */
export const script = `
(() => {
	const main = () => document.querySelector('main');
	const stale = document.getElementById('stale');
	const fetched = /^https?:$/.test(location.protocol);
	let at = Number(main().dataset.at);
	let seen = performance.now();
	const toEnd = () => {
		for (const output of document.querySelectorAll('pre')) {
			output.scrollTop = output.scrollHeight;
		}
	};
	const judge = () => {
		const { ended } = main().dataset;
		if (ended !== '') {
			stale.hidden = false;
			stale.textContent = ended;
			return;
		}
		const quiet = performance.now() - seen;
		const behind = Date.now() - at;
		const old = Math.max(quiet, behind > 60000 ? behind : 0);
		stale.hidden = old < 15000;
		stale.textContent = stale.hidden ? '' : 'This page is old: nothing newer has come for ' +
			(old < 120000 ? Math.round(old / 1000) + ' s' : Math.round(old / 60000) + ' min') +
			'. backout may have ended, or the link to it is lost. Do not rely on it.';
	};
	const refresh = async () => {
		try {
			const answer = await fetch(location.href, { cache: 'no-store', signal: AbortSignal.timeout(8000) });
			const next = answer.ok ? new DOMParser().parseFromString(await answer.text(), 'text/html') : undefined;
			const shown = next === undefined ? null : next.querySelector('main[data-at]');
			if (shown !== null && Number(shown.dataset.at) !== at) {
				at = Number(shown.dataset.at);
				seen = performance.now();
				main().replaceWith(document.adoptNode(shown));
				document.title = next.title;
				toEnd();
			}
		} catch {
			// The age says it.
		}
		judge();
	};
	const again = () => setTimeout(async () => {
		if (!document.hidden) {
			await refresh();
		}
		again();
	}, 2000);
	setInterval(judge, 1000);
	toEnd();
	judge();
	if (fetched) {
		again();
		document.addEventListener('visibilitychange', () => document.hidden || refresh());
	} else {
		setTimeout(() => location.reload(), 5000);
	}
})();
`;
