import { cloneUserFolder, N8n } from './support/n8n';
import { boxPhoto, formOf } from './support/photos';
import { isRunning } from './support/processes';
import { endAll, newHome, procScenario } from './support/scenario';
import { until } from './support/wait';
import { webhookPath } from './support/workflows';

const home = newHome('idle');

afterAll(endAll);

procScenario(
  'an idle engine ends by itself, leaves no file of a job, and comes back for the next photo',
  async () => {
    const n8n = await N8n.start({
      folder: cloneUserFolder('idling'),
      home: home.folder,
      env: { VITRINE_ENGINE_IDLE_SECONDS: '3' },
    });
    const photo = await boxPhoto(800, 600);
    const cutOut = async () => {
      const response = await n8n.webhook(webhookPath('shipped'), () => formOf({ photo }));
      await response.arrayBuffer();
      return response.status;
    };

    expect(await cutOut()).toBe(200);
    const { pid } = home.state();
    await until('the idle engine to end', () => !isRunning(pid));

    expect(home.enginePids()).toEqual([]);
    expect(home.files('temp')).toEqual([]);
    expect(home.files().filter((file) => /\.(png|jpe?g|webp|part)$/.test(file))).toEqual([]);
    expect(await cutOut()).toBe(200);
    expect(home.state().pid).not.toBe(pid);
  },
);
