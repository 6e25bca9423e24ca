import { Secrets } from '../../lib/contracts';
import { engineClient } from '../../lib/engine/client';
import { listen } from '../support/web';

/** What the client sends for a front and a back, and where it refuses to; engines are stand-ins. */
const job = { id: 7, output: { front: 'https://example.com/front.png' } };
const secrets = new Secrets({ gemini_api_key: 'AIza-very-secret' });
const result = {
  id: 7,
  front_rmbg: 'http://public.example/vitrine/outputs/design_7_x_front_rmbg.png',
  front_birefnet: null,
  back_rmbg: null,
  back_birefnet: null,
  errors: {},
};

const run = (urls: string[], given?: Secrets) =>
  engineClient({ urls }).run('front-and-back', { params: job, secrets: given });

/** Of an engine that has nothing to do. */
const HEALTH = JSON.stringify({ service: 'vitrine', status: 'ok', queue: { running: 0, waiting: 0 } });

interface Asked {
  line: string;
  type?: string;
  body: string;
}

async function engine(refusals = 0): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const url = await listen((request, response) => {
    if (request.url === '/health') return void response.end(HEALTH);
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      asked.push({ line: `${request.method} ${request.url}`, type: request.headers['content-type'], body });
      if (asked.length <= refusals) {
        const error = { code: 'QUEUE_FULL', message: 'full', hint: 'wait', retryAfter: 0.1 };
        response.writeHead(503, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
      } else if (request.method === 'POST') response.end(`${JSON.stringify({ type: 'result', result })}\n`);
      else response.end('pixels');
    });
  });
  return { url, asked };
}

test('sends JSON with its secrets, waits for a full engine, and asks for files where it knows the engine', async () => {
  const { url, asked } = await engine(1);
  const done = await run([url], secrets);
  expect(done.result).toEqual(result);
  const file = await done.download('front_rmbg');
  for await (const chunk of file) expect(String(chunk)).toBe('pixels');
  await expect(done.download('back_rmbg')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await done.discard();
  expect(asked.map(({ line }) => line)).toEqual([
    'POST /process',
    'POST /process',
    'GET /outputs/design_7_x_front_rmbg.png',
    'DELETE /outputs/design_7_x_front_rmbg.png',
  ]);
  expect(asked[1].type).toBe('application/json');
  expect(JSON.parse(asked[1].body)).toEqual({ ...job, secrets: { gemini_api_key: 'AIza-very-secret' } });
});

test('without a secret none is sent', async () => {
  const { url, asked } = await engine();
  await run([url]);
  expect(JSON.parse(asked[0].body)).toEqual(job);
});

test.each([[['http://gpu-box:8089']], [['https://gpu-box:8089', 'http://10.0.0.7:8089']]])(
  'a secret is not sent to %j, where others could read it',
  async (urls) => {
    const refused = run(urls, secrets);
    await expect(refused).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringMatching(/may not be sent to http:/),
      hint: expect.stringContaining('https'),
    });
    await expect(refused).rejects.not.toThrow('AIza');
  },
);

test.each(['http://localhost:1', 'http://[::1]:1', 'https://127.0.0.1:1'])(
  'a secret may go to %s',
  async (url) => {
    const unreachable = run([url], secrets);
    await expect(unreachable).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  },
);
