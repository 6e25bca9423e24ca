import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { parse } from 'yaml';
import { Docker } from './support/docker';
import { Editor } from './support/editor';
import { cloneUserFolder, freePorts, n8nEnv } from './support/n8n';
import { boxPhoto, formOf, readCutout } from './support/photos';
import { n8nScript, nodesFolder, root, work } from './support/settings';
import { until } from './support/wait';
import { readWorkflow, webhookPath } from './support/workflows';

/** The image and `make` as a user has them, in a copy of what the build reads; n8n's own image has a stand-in. */
const unavailable = Docker.unavailable();
const scenario: (name: string, run: () => Promise<void>) => void = unavailable
  ? (name) => test.skip(`${name} (skipped: ${unavailable})`, () => undefined)
  : test;
// The image is built, and its base where there is no registry.
jest.setTimeout(600_000);

const run = promisify(execFile);
const copy = join(work, 'containers');
const folder = join(copy, 'docker');
const STAND_IN = 'vitrine-e2e-n8n';
const IMAGE = 'vitrine-e2e-engine';
let docker: Docker;
let env: NodeJS.ProcessEnv;
let url: string;
let n8nUrl: string;
let token: string;

beforeAll(async () => {
  if (unavailable) return;
  docker = await Docker.start();
  const [port, n8nPort] = await freePorts(2);
  [url, n8nUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${n8nPort}`];
  env = {
    ...docker.env,
    ...{ COMPOSE_PROJECT_NAME: 'vitrine-e2e', VITRINE_IMAGE: IMAGE, N8N_IMAGE: STAND_IN },
    ...{ PORT: String(port), N8N_PORT: String(n8nPort), VITRINE_MEMORY: '1g' },
  };
  copyContext();
  // By the commit under test, since npm run test:e2e built it; VITRINE_DOCKER_DIST=source builds it in the image.
  const dist = process.env.VITRINE_DOCKER_DIST ?? 'built';
  await make('setup', 'MODELS=', `BUILD_ARGS=--build-arg DIST=${dist}`);
  token = parseEnv(readFileSync(join(folder, '.env'), 'utf8')).VITRINE_TOKEN!;
});
afterAll(async () => {
  if (!docker) return;
  await make('clean');
  await docker.run(['image', 'rm', '--force', STAND_IN]);
  await docker.run(['volume', 'rm', '--force', 'vitrine-e2e_n8n', 'vitrine-e2e_engine']);
  await docker.stop();
});

function copyContext(): void {
  const ignore = readFileSync(join(root, 'docker/Dockerfile.dockerignore'), 'utf8');
  const read = [...ignore.matchAll(/^!(.+)$/gm)].map(([, path]) => path);
  const ours = readdirSync(join(root, 'docker')).filter((name) =>
    /^(Dockerfile|Makefile|compose|try)/.test(name),
  );
  for (const path of [...read, '.env.example', ...ours.map((name) => join('docker', name))])
    cpSync(join(root, path), join(copy, path), { recursive: true });
}

interface Service {
  image: string;
  environment: Record<string, string>;
}

/** @returns what the target prints */
async function make(...args: string[]): Promise<string> {
  const { stdout } = await run('make', ['--no-print-directory', ...args], {
    cwd: folder,
    env,
    maxBuffer: 1e8,
  });
  return stdout;
}

async function insideEngine(script: string): Promise<string> {
  const shell = run('make', ['--no-print-directory', '--silent', 'shell'], { cwd: folder, env });
  shell.child.stdin!.end(script);
  return (await shell).stdout;
}

const engine = async () =>
  (await docker.run(['ps', '--quiet', '--filter', `ancestor=${IMAGE}`])).split('\n')[0];
const inspect = async (template: string) => docker.run(['inspect', '--format', template, await engine()]);

async function untilHealthy(): Promise<void> {
  await until(
    'the engine to be healthy',
    async () => (await inspect('{{.State.Health.Status}}')) === 'healthy',
    90,
  );
}

async function cutOut(): Promise<Response> {
  const form = formOf({ file: await boxPhoto(600, 400) });
  const headers = { authorization: `Bearer ${token}`, accept: 'image/*' };
  return await fetch(`${url}/background/cleanup`, { method: 'POST', headers, body: form });
}

scenario('make alone lists every target of the older service', async () => {
  const listed = [...(await make()).matchAll(/^ +make ([a-z-]+)/gm)].map(([, target]) => target);
  const older =
    'setup up down restart logs test shell status check-cache clean clean-full download-models help';
  expect(listed).toEqual(expect.arrayContaining([...older.split(' '), 'backup']));
});

scenario('the compose files are valid, and no engine knows the key of n8n', async () => {
  const [command, ...args] = docker.compose;
  for (const files of [['compose.yaml'], ['compose.yaml', 'compose.gpu.yaml'], ['compose.queue.yaml']]) {
    const named = files.flatMap((file) => ['-f', file]);
    const { stdout } = await run(command, [...args, ...named, 'config'], { cwd: folder, env });
    const { services } = parse(stdout) as { services: Record<string, Service> };
    const engines = Object.values(services).filter(({ image }) => image === IMAGE);
    expect(engines).not.toEqual([]);
    for (const { environment } of engines)
      expect(environment).toMatchObject({
        VITRINE_TOKEN: token,
        N8N_ENCRYPTION_KEY: '',
        POSTGRES_PASSWORD: '',
      });
  }
});

scenario('the image holds what runs here and nothing of other platforms', async () => {
  await make('up', 'SERVICES=engine');
  await untilHealthy();

  const size = Number(await docker.run(['image', 'inspect', '--format', '{{.Size}}', IMAGE])) / 1e6;
  const parts = await insideEngine(
    'du -sm /opt/vitrine/node_modules /opt/vitrine/dist /usr/local/lib/ffmpeg /usr/local/bin/node',
  );
  process.stdout.write(`Image ${Math.round(size)} MB, of which (MB):\n${parts}`);
  expect(size).toBeLessThan(750);

  const files = (await insideEngine('find /opt/vitrine -type f')).split('\n');
  const native = files.filter((file) => /onnxruntime-node\/bin\/napi/.test(file));
  expect(native).not.toEqual([]);
  expect(native.filter((file) => !file.includes(`/linux/${process.arch}/`))).toEqual([]);
  expect(
    files.filter(
      (file) => /onnxruntime-web|darwin|win32/.test(file) && /\.(wasm|node|dll|dylib)$/.test(file),
    ),
  ).toEqual([]);
  expect(await insideEngine('ffmpeg -version; vitrine --version; ldd --version')).toMatch(
    /ffmpeg version[^]+GLIBC/,
  );
});

scenario(
  'cuts a photo out as nobody special: no root, no capability, nothing to write but its volume',
  async () => {
    expect(
      await insideEngine(
        'id -u; grep CapEff /proc/1/status; touch /opt/vitrine/x /etc/x 2>&1 || echo refused',
      ),
    ).toMatch(new RegExp(`^(?!0$)\\d+\nCapEff:\t0+\n[^]*Read-only file system\nrefused`));
    expect(await inspect('{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Memory}} {{.HostConfig.Init}}')).toBe(
      `true ${2 ** 30} true`,
    );
    expect((await fetch(`${url}/models`)).status).toBe(401);

    const response = await cutOut();

    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png']);
    const cutout = await readCutout(Buffer.from(await response.arrayBuffer()));
    expect([cutout.at(0.03, 0.03).alpha, cutout.at(0.5, 0.5).alpha]).toEqual([0, 255]);
  },
);

scenario('make test, status, logs and backup tell of the engine that runs', async () => {
  expect(await make('test')).toMatch(/health: ok, version \S+\n.*cutout: ok, by \S+ on cpu/);
  expect(await make('status')).toMatch(/healthy/);
  expect(await make('logs', 'FOLLOW=0')).toContain('All models initialized successfully');
  expect(readFileSync(join(folder, 'logs/app.log'), 'utf8')).toContain('"job":"remove"');
  await make('backup');
  const [archive] = readdirSync(folder).filter((name) => name.startsWith('backup-'));
  const { stdout } = await run('tar', ['-tzf', join(folder, archive)]);
  expect(stdout).toMatch(/^models\/$[^]*^\.env$[^]*^outputs\/$/m);
});

scenario('a model is downloaded once: it is there after a restart, until make clean-full', async () => {
  expect(await make('download-models', 'MODELS=isnet', 'ACCEPT=AGPL-3.0')).toContain('isnet');
  const before = readdirSync(join(folder, 'models/isnet'));
  const started = await inspect('{{.State.StartedAt}}');

  await make('restart');
  await untilHealthy();

  expect(await inspect('{{.State.StartedAt}}')).not.toBe(started);
  expect(await make('check-cache')).toMatch(/^\d+M\tmodels$[^]*^isnet +ready/m);
  expect(readdirSync(join(folder, 'models/isnet'))).toEqual(before);
});

scenario('ends on SIGTERM within ten seconds, also amid a job', async () => {
  const job = cutOut().catch((error: Error) => error);
  const id = await engine();
  const began = Date.now();

  await docker.run(['stop', '--time', '30', id]);

  expect(Date.now() - began).toBeLessThan(10_000);
  expect(await docker.run(['inspect', '--format', '{{.State.ExitCode}} {{.State.OOMKilled}}', id])).toBe(
    '0 false',
  );
  await job;
});

scenario('n8n beside it cuts photos out through it', async () => {
  const FILES = `FILES=-f compose.yaml -f ${await standIn()}`;
  await make('up', FILES);
  await until(
    'n8n to be ready',
    async () => (await fetch(`${n8nUrl}/healthz/readiness`).catch(() => undefined))?.ok,
    120,
  );
  const editor = await Editor.setUp({ url: n8nUrl });
  const credential = await editor.addCredential('vitrineEngineApi', { urls: 'http://engine:8089', token });
  const workflow = readWorkflow('shipped');
  for (const node of workflow.nodes) {
    // The suite has published the same workflow, for the embedded engine.
    if (node.parameters.path) node.parameters.path = `beside/${node.parameters.path}`;
    if (!node.type.includes('vitrine')) continue;
    node.parameters.engineLocation = 'remote';
    node.credentials = { vitrineEngineApi: credential };
  }
  await editor.publish({ ...workflow, id: undefined });

  const response = await until('the webhook', async () => {
    const body = formOf({ photo: await boxPhoto(600, 400) });
    const answer = await fetch(`${n8nUrl}/webhook/beside/${webhookPath('shipped')}`, {
      method: 'POST',
      body,
    });
    return answer.status !== 404 && answer;
  });

  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png']);
  const cutout = await readCutout(Buffer.from(await response.arrayBuffer()));
  expect([cutout.at(0.03, 0.03).alpha, cutout.at(0.5, 0.5).alpha]).toEqual([0, 255]);
  const jobs = readFileSync(join(folder, 'logs/app.log'), 'utf8').match(/"job":"remove","outcome":"ok"/g);
  expect(jobs!.length).toBeGreaterThan(2);
  await make('down', FILES);
});

scenario('make clean takes away containers and image and leaves models; clean-full takes those', async () => {
  await make('clean');
  expect(await docker.run(['images', '--quiet', IMAGE])).toBe('');
  expect(await docker.run(['ps', '--all', '--quiet', '--filter', 'name=vitrine-e2e'])).toBe('');
  expect(readdirSync(join(folder, 'models'))).toContain('isnet');
  await make('clean-full', 'YES=1');
  expect(readdirSync(join(folder, 'models'))).toEqual([]);
});

/** An image with the entrypoint of n8n's own, but with the n8n of this suite, in whose folder the pack is installed. */
async function standIn(): Promise<string> {
  const user = join(cloneUserFolder('docker-user'), '.n8n');
  rmSync(join(user, 'nodes'));
  mkdirSync(join(user, 'nodes'));
  await run('chown', ['-R', '1000:1000', user]);
  const image = join(work, 'stand-in');
  mkdirSync(image);
  const modules = '/opt/n8n/node_modules';
  writeFileSync(
    join(image, 'Dockerfile'),
    `FROM node:24-bookworm-slim
USER node
ENTRYPOINT ["node", "${modules}/n8n/bin/n8n"]
CMD ["start"]
`,
  );
  await docker.run(['build', '--quiet', '--tag', STAND_IN, image]);
  const quiet = Object.entries(n8nEnv(user)).filter(
    ([name]) => name.startsWith('N8N_') && !['N8N_USER_FOLDER', 'N8N_LISTEN_ADDRESS'].includes(name),
  );
  const override = {
    services: {
      n8n: {
        environment: Object.fromEntries(quiet),
        volumes: [
          `${user}:/home/node/.n8n`,
          `${nodesFolder}:/home/node/.n8n/nodes:ro`,
          `${join(dirname(n8nScript), '../..')}:${modules}:ro`,
        ],
      },
    },
  };
  const file = join(image, 'compose.json');
  writeFileSync(file, JSON.stringify(override));
  return file;
}
