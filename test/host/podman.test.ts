import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deploymentFunctions, findDeployment } from '../../src/engines/compose/deployment.ts';
import podmanLimits from '../../src/engines/compose/podman-limits.sh';
import { undoShell } from '../../src/engines/compose/undo/undo-shell.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { programsPrelude, programVariables } from '../../src/services/host/programs.ts';
import { runScript } from '../../src/services/host/run-script.ts';
import { shellProgram } from '../../src/services/host/shell-program.ts';

const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh']].filter(
	([file = '', ...args]) => spawnSync(file, [...args, '-c', 'true']).status === 0,
);

/** Programs of this machine that scripts may use. What is called docker or podman on it is not among them. */
const basics =
	'sh id grep timeout cat head sed awk tr cut sort mktemp rm mkdir chmod mv stat comm tail uniq basename dirname sleep date';

let folder: string;
let running: ChildProcess[];
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-podman-'));
	running = [];
	mkdirSync(join(folder, 'bin'));
	mkdirSync(join(folder, 'home'));
	for (const name of basics.split(' ')) {
		const at = ['/usr/bin', '/bin'].map((place) => join(place, name)).find(existsSync);
		symlinkSync(at ?? `/bin/${name}`, join(folder, 'bin', name));
	}
});
afterEach(async () => {
	for (const child of running) {
		child.kill();
		await new Promise((ended) => child.once('exit', ended));
	}
	rmSync(folder, { recursive: true, force: true });
});

const put = (name: string, text: string) => {
	writeFileSync(join(folder, 'bin', name), text);
	chmodSync(join(folder, 'bin', name), 0o755);
};

/** The script of the name docker that Podman brings (podman-docker). */
const podmansDocker = '#!/bin/sh\necho "Emulate Docker CLI using podman." >&2\nexec /usr/bin/podman "$@"\n';

const usualPlaces = 'PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin:/snap/bin; command -v docker';
/** Machines that have Docker in a place that every login is given: only a script of that name can precede it. */
const hasDocker = spawnSync('sh', ['-c', usualPlaces]).status === 0;

/** Makes it a machine without a client of Docker. */
const withoutClient = () => {
	if (hasDocker) {
		put('docker', podmansDocker);
	}
};

/** A stand-in that prints its arguments, one a line, with a place for where Docker would be. */
const standIn = (name: string) => put(name, `#!/bin/sh\nprintf '%s\\n' ${name} "$@"\n`);

/** The places of a target whose config names Podman's socket. */
const places = () => ({ engineHost: `unix://${folder}/podman.sock` });

const environment = () => ({ PATH: join(folder, 'bin'), HOME: join(folder, 'home') });

describe.each(shells)('%s', (shell, ...args) => {
	const said = (script: string, given: { engineHost?: string } = places()) => {
		const { stdout, stderr } = spawnSync(`/bin/${shell}`, [...args, '-s'], {
			env: environment(),
			input: shellProgram('mark', programVariables(given), [programsPrelude(given), script]),
			encoding: 'utf8',
		});
		return `${stdout}${stderr.replace('mark\n', '')}`.replace('mark\n', '').trim().split('\n');
	};
	const remote = () => ['podman', '--remote', '--url', `unix://${folder}/podman.sock`];

	test('where nothing is called docker, Podman is called, at the engine that backout speaks to', () => {
		standIn('podman');
		withoutClient();
		expect(said('docker restart -t 5 "a b"')).toEqual([...remote(), 'restart', '-t', '5', 'a b']);
		expect(said(`timeout 5 sh -c 'exec docker stop x'`)).toEqual([...remote(), 'stop', 'x']);
		// The script of that name which Podman brings does the same as podman, with other templates than docker.
		put('docker', podmansDocker);
		expect(said('docker stop x')).toEqual([...remote(), 'stop', 'x']);
	});

	test('a client of Docker has priority, and another engine is not taken for Podman', () => {
		standIn('podman');
		put('docker', '#!/bin/sh\necho own "$@"\n');
		expect(said('docker stop x')).toEqual(['own stop x']);
		put('docker', podmansDocker);
		expect(said('command -v docker', { engineHost: 'tcp://10.0.0.2:2375' })).toEqual([join(folder, 'bin', 'docker')]);
	});

	test('templates are in the words of Podman', () => {
		standIn('podman');
		withoutClient();
		expect(said(`docker inspect --format '{{.Image}} {{.Name}}{{if .State.Health}}h{{end}}' x`).at(-2)).toBe(
			'{{(printf "sha256:%s" .Image)}} /{{.Name}}{{if and .State.Health .State.Health.Status}}h{{end}}',
		);
		expect(said(`docker inspect --format '{{range .Mounts}}{{.Name}}{{end}}' x`)).toContain(
			'{{range .Mounts}}{{.Name}}{{end}}',
		);
		expect(
			said(`docker inspect --format '{{printf "%.12s" .Id}}{{range $all}}{{.HostIp}}{{end}} {{.Name}}' x`).at(-2),
		).toBe('{{printf "%.12s" .ID}}{{range $all}}{{.HostIP}}{{end}} /{{.Name}}');
		expect(said(`docker image inspect --format '{{.Id}}{{$id := .Id}}' x`)).toContain(
			'{{(printf "sha256:%s" .ID)}}{{$id := (printf "sha256:%s" .ID)}}',
		);
		expect(said(`docker info --format '{{.DockerRootDir}}'`)).toContain('{{.Store.GraphRoot}}');
		expect(
			said(`docker inspect --format '{{$config := .Config}}{{json (index $config "Cmd")}}{{index $labels "a"}}' x`).at(
				-2,
			),
		).toBe('{{$config := .Config}}{{json ($config.Cmd)}}{{index $labels "a"}}');
		expect(said(`docker ps --format '{{.Label "a b"}}'`)).toContain('{{index .Labels "a b"}}');
		expect(said(`docker ps --format 'table {{.Label "a"}}\\t{{.Status}}'`)).toContain(
			'{{index .Labels "a"}}\\t{{.Status}}',
		);
	});

	test('names of images are those that Compose finds, and those of restore points stay on the host', () => {
		standIn('podman');
		withoutClient();
		const named = (name: string) => said(`docker tag ${name} ${name}`).at(-1);
		expect(['web', 'shop/web:1', 'registry.example:5000/web', 'localhost/web', 'backout/web:1'].map(named)).toEqual([
			...['docker.io/library/web', 'docker.io/shop/web:1', 'registry.example:5000/web', 'localhost/web'],
			'localhost/backout/web:1',
		]);
		expect(named(`sha256:${'0a'.repeat(32)}`)).toBe(`sha256:${'0a'.repeat(32)}`);
		// An image is looked for by both names, as podman-compose builds under the short one.
		expect(said('docker image inspect --format "{{.Created}}" -- web').at(-1)).toBe('web');
		put('podman', '#!/bin/sh\ncase $* in *" exists "*) exit 1 ;; *) echo "$@" ;; esac\n');
		expect(said('docker image inspect --format "{{.Created}}" -- shop/web').at(-1)).toMatch(/-- shop\/web$/);
		expect(said('docker image ls -q shop/web').at(-1)).toMatch(/ls -q shop\/web$/);
		expect(said('docker image ls -q --filter label=a shop/web').at(-1)).toMatch(/--filter label=a shop\/web$/);
	});

	test("what is printed whole comes from Docker's API, in Docker's form", () => {
		put(
			'podman',
			`#!/bin/sh
while [ "$1" != system ]; do shift; done
read -r request
case $request in
	*/containers/a/json*) printf 'HTTP/1.0 200 OK\r\nA: b\r\n\r\n{"Id":"a","Env":["A={\\"b\\": [1]}"],"Labels":{},"Size":1}\n' ;;
	*) printf 'HTTP/1.0 404 Not Found\r\n\r\n{"message":"no such container"}\n' ;;
esac
`,
		);
		withoutClient();
		const [code, ...lines] = said('docker inspect a >"$HOME/said"; echo $?; cat "$HOME/said"');
		expect(code).toBe('0');
		expect(lines.slice(0, 4)).toEqual(['[', '    {', '        "Id": "a",', '        "Env": [']);
		expect(JSON.parse(lines.join('\n'))).toEqual([{ Id: 'a', Env: ['A={"b": [1]}'], Labels: {}, Size: 1 }]);
		expect(
			said('docker container inspect a gone 2>/dev/null >"$HOME/said"; echo $?; cat "$HOME/said"').join('\n'),
		).toBe(['1', ...lines].join('\n'));
	});

	test('what does not exist ends as with Docker', () => {
		put('podman', '#!/bin/sh\necho "Error: unable to inspect \\"x\\": x: image not known" >&2; exit 125\n');
		withoutClient();
		expect(said("docker image inspect --format '{{.Id}}' x 2>/dev/null; echo $?")).toEqual(['1']);
		expect(said("docker image inspect --format '{{.Id}}' x 2>&1").join()).toMatch(/no such image/);
	});

	test('the version comes from a header, as the command of Podman for it takes long', () => {
		put(
			'podman',
			'#!/bin/sh\ncase $* in *dial-stdio) printf "HTTP/1.0 200 OK\\r\\nLibpod-Api-Version: 5.4.2\\r\\n\\r\\nOK" ;; *) echo "$@" ;; esac\n',
		);
		withoutClient();
		expect(said("docker version --format 'Docker {{.Server.Version}}'")).toEqual(['Docker 5.4.2']);
		standIn('podman');
		expect(said("docker version --format '{{.Server.Version}}'").at(-1)).toBe('{{.Server.Version}}');
	});

	test('a restart policy that Podman cannot change is one that the container has, or a sentence', () => {
		put(
			'podman',
			'#!/bin/sh\ncase $* in *--help*) echo "--memory" ;; *inspect*) echo always ;; *) echo changed "$@" ;; esac\n',
		);
		withoutClient();
		expect(said('docker update --restart always x; echo $?')).toEqual(['0']);
		expect(said('docker update --restart no x; echo $?').join()).toMatch(
			/policy of a container, which is always; 5\.1 can|1/,
		);
	});

	test('without Docker Compose it is said why nothing is recreated', () => {
		standIn('podman');
		withoutClient();
		const plugins = join(folder, 'home/.docker/cli-plugins');
		mkdirSync(plugins, { recursive: true });
		const why = (version: string, socket = 'unix:///x') => {
			writeFileSync(join(plugins, 'docker-compose'), `#!/bin/sh\n${version}\n`, { mode: 0o755 });
			return said(
				[deploymentFunctions, podmanLimits, `DOCKER_HOST=${socket}`, 'why_no_compose && echo fine'].join('\n'),
			).join();
		};
		expect(why('echo 2.26.1-4')).toBe('fine');
		expect(why('echo v5.0.0')).toBe('fine');
		expect(why('echo 1.29.2')).toMatch(/^Docker Compose is version 1\.29\.2: .* install version 2 /);
		expect(why('exit 1')).toMatch(/^no Docker Compose: .* install it /);
		expect(why('echo 2.26.1', '')).toMatch(/no socket to speak to: .* systemctl enable --now podman\.socket/);
	});

	test('the names of restore points have no registry, as with Docker, and a failure is the same', () => {
		put(
			'podman',
			'#!/bin/sh\nprintf "localhost/backout/web:1 localhost/backout/db:1\\n\\nlocalhost/shop/web:1 x/localhost/backout/y\\n"\nexit $code\n',
		);
		withoutClient();
		const shown = ['backout/web:1 backout/db:1', '', 'localhost/shop/web:1 x/localhost/backout/y'];
		expect(said('code=0; export code; docker image inspect --format "{{.RepoTags}}" x; echo $?')).toEqual([
			...shown,
			'0',
		]);
		expect(said('code=125; export code; docker image inspect --format "{{.RepoTags}}" x; echo $?')).toEqual([
			...shown,
			'125',
		]);
	});

	test('containers of podman-compose are asked for, too, where those of no one-off command are', () => {
		standIn('podman');
		withoutClient();
		const all = said('docker ps -q --filter label=com.docker.compose.oneoff=False --filter label=x');
		expect(all.filter((line) => line.startsWith('label='))).toEqual([
			...['label=com.docker.compose.oneoff=False', 'label=x'],
			...['label=io.podman.compose.project', 'label=x'],
		]);
	});

	test('Docker Compose is used where it is; podman-compose is not taken for it', () => {
		standIn('podman');
		withoutClient();
		standIn('podman-compose');
		const plugins = join(folder, 'home/.docker/cli-plugins');
		mkdirSync(plugins, { recursive: true });
		writeFileSync(join(plugins, 'docker-compose'), '#!/bin/sh\necho plugin $DOCKER_BUILDKIT "$@"\n', { mode: 0o755 });
		expect(said('docker compose up -d')).toEqual(['plugin 0 up -d']);
		standIn('provider');
		expect(said('PODMAN_COMPOSE_PROVIDER=$(command -v provider) docker compose up')).toEqual(['provider', 'up']);
	});
});

const hasPodman = existsSync('/usr/bin/podman');

describe.skipIf(!hasPodman)(`a real Podman${hasPodman ? '' : ' (skipped: podman is not installed)'}`, () => {
	const podman = (...args: string[]) => {
		const own = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];
		return spawnSync('/usr/bin/podman', [...own, '--cgroup-manager', 'cgroupfs', '--events-backend', 'file', ...args], {
			encoding: 'utf8',
			input: '',
		});
	};
	const start = async () => {
		symlinkSync('/usr/bin/podman', join(folder, 'bin', 'podman'));
		withoutClient();
		mkdirSync(join(folder, 'srv'));
		writeFileSync(join(folder, 'srv/compose.yaml'), 'services: { web: { image: "shop/web:1" } }\n');
		spawnSync('sh', ['-c', 'tar -C "$1/home" -cf "$1/image.tar" .', 'sh', folder]);
		podman('import', join(folder, 'image.tar'), 'shop/web:1');
		const own = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];
		const more = ['--cgroup-manager', 'cgroupfs', '--events-backend', 'file', 'system', 'service', '--time=0'];
		const service = spawn('/usr/bin/podman', [...own, ...more, `unix://${folder}/podman.sock`], { stdio: 'ignore' });
		running.push(service);
		const ends = Date.now() + 20_000;
		while (!existsSync(join(folder, 'podman.sock'))) {
			if (Date.now() > ends) {
				throw new Error('podman system service has made no socket within 20 s');
			}
			await new Promise((later) => setTimeout(later, 50));
		}
	};
	// As podman-compose 1.0.3 calls it.
	const create = (service: string, ...more: string[]) =>
		podman(
			...['create', `--name=shop_${service}_1`, '--network', 'none'],
			...[
				...['io.podman.compose.config-hash=123', 'io.podman.compose.project=shop', 'io.podman.compose.version=0.0.1'],
				...['com.docker.compose.project=shop', `com.docker.compose.project.working_dir=${folder}/srv`],
				...['com.docker.compose.project.config_files=compose.yaml', 'com.docker.compose.container-number=1'],
				...[`com.docker.compose.service=${service}`, ...more],
			].flatMap((label) => ['--label', label]),
			...['shop/web:1', 'sh'],
		);

	test('a deployment by podman-compose is identified by its labels, and says what is possible', {
		tags: ['long'],
	}, async () => {
		await start();
		for (const service of ['web', 'worker']) {
			expect(create(service).status).toBe(0);
		}
		const host = Object.assign(new LocalHost({ env: environment(), home: join(folder, 'home') }), {
			programs: places(),
		});
		try {
			const target = { name: 't', directory: join(folder, 'srv'), project: 'srv', projectGiven: false };
			const deployment = await findDeployment(host, target, AbortSignal.timeout(60_000));
			expect(deployment).toMatchObject({
				project: 'shop',
				projectFrom: 'containers',
				containers: 2,
				conflicts: [],
				files: [join(folder, 'srv/compose.yaml')],
				onlyContainers: expect.stringMatching(/were made by podman-compose.*stop, start and restart them from here/),
			});
			const { stdout } = await runScript(
				host,
				`docker inspect --format '{{.Image}}{{if .State.Health}} healthy{{end}} {{.Name}}' shop_web_1
				docker image inspect --format '{{.Id}}' shop/web:1
				docker ps -a --format '{{.Label "com.docker.compose.service"}} {{.State}}'
				docker version --format '{{.Server.Version}}' >/dev/null && docker info --format '{{.DockerRootDir}}'
				docker image ls --format '{{.Tag}}' -- shop/web`,
				{ purpose: 'ask', timeoutMs: 120_000 },
			);
			const [image, id] = stdout.split('\n');
			expect(image).toMatch(/^sha256:[0-9a-f]{64} \/shop_web_1$/);
			expect(id).toBe(image?.replace(' /shop_web_1', ''));
			expect(stdout).toMatch(/web created\n/);
			expect(stdout.trim().split('\n').slice(-2)).toEqual([join(folder, 'root'), '1']);
			// An undo compares these, with and without a health check.
			const facts = await runScript(host, 'facts_of_containers', {
				purpose: 'say what the containers were made with',
				prelude: [deploymentFunctions, undoShell.state],
				environment: { project: 'shop', directory: join(folder, 'srv') },
				timeoutMs: 120_000,
			});
			expect(facts.stdout).toContain('web|1\tcommand\t["sh"]\n');
			expect(facts.stdout).toContain('worker|1\tnetwork mode\tnone\n');
		} finally {
			await host.close();
		}
	});
});
