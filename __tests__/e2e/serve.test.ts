import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { SERVE_INPUTS, SERVE_OUTPUTS } from '../../src/github/serving.ts';
import { HTPASSWD, pushBlob, pushManifest, startDockerRegistry } from '../support/docker-registry.ts';
import { imageBag } from '../support/image-builder.ts';
import { realTest } from '../support/real-parts.ts';
import { newRunner, type Runner } from '../support/runner.ts';
import { listedNames } from '../support/stored-image.ts';

let runner: Runner;
beforeEach(async () => {
  runner = await newRunner('serve');
});
afterEach(() => runner.dispose());

const answers = (host: string) => fetch(`http://${host.replace('localhost', '127.0.0.1')}/v2/`).then(({ ok }) => ok);

test('serve/action.yml declares exactly what is read and set, and runs one bundle at both ends of the job', async () => {
  const action = parse(await readFile(path.resolve(import.meta.dirname, '../../serve/action.yml'), 'utf8'));
  expect(Object.keys(action.inputs)).toEqual([...SERVE_INPUTS]);
  expect(Object.keys(action.outputs)).toEqual([...SERVE_OUTPUTS]);
  expect(action.runs).toEqual({ using: 'node24', main: '../dist/serve/index.js', post: '../dist/serve/index.js' });
});

test('the server outlives its step, takes what later steps push, and is gone at the end of the job', async () => {
  const step = await runner.run({ port: '0' });
  expect(step).toMatchObject({ code: 0, stderr: '', outputs: { registry: expect.stringMatching(/^localhost:\d+$/) } });
  const { registry = '', store = '' } = step.outputs;
  try {
    expect(step.stdout).toContain(`Serving ${store} at http://127.0.0.1:${registry.split(':')[1]}\n`);
    expect(await answers(registry)).toBe(true);
    await pushBlob(registry, 'team/app', Buffer.from('a blob'));
    expect(await listedNames(store)).toEqual([]);
  } finally {
    expect((await runner.post(step)).code).toBe(0);
  }
  await expect(answers(registry)).rejects.toThrow();
}, 60_000);

test('a port that is taken is said, with what to do, and the step is red', async () => {
  const first = await runner.run({ port: '0' });
  try {
    const port = first.outputs.registry?.split(':')[1] ?? '';
    const second = await runner.run({ port });
    expect(second.code).toBe(1);
    expect(second.errors[0]?.message).toContain(`127.0.0.1:${port}: expected a port that is free`);
    const wrong = await runner.run({ port: 'x', 'read-through': 'perhaps' });
    expect(wrong.errors[0]?.message).toContain('read-through: expected true or false');
    await runner.post(second);
    expect(await answers(first.outputs.registry ?? '')).toBe(true);
  } finally {
    await runner.post(first);
  }
}, 60_000);

realTest('docker-registry')(
  'with a login it reads through from a registry that wants one, and shows it to nobody',
  async () => {
    const { line, username, password } = HTPASSWD;
    const upstream = await startDockerRegistry({ htpasswd: line });
    const headers = { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
    const bag = imageBag();
    const image = await bag.image({ layers: ['one'] });
    for (const { bytes, descriptor } of bag.blobs.values()) {
      const { mediaType } = descriptor;
      if (mediaType === image.mediaType)
        await pushManifest(upstream.host, 'org/app', '1', { mediaType, bytes }, headers);
      else await pushBlob(upstream.host, 'org/app', bytes, headers);
    }
    const step = await runner.run({
      ...{ port: '0', 'read-through': 'true' },
      'registry-auth': `- { registry: "${upstream.host}", username: ${username}, password: ${password}-long }`,
    });
    const good = await runner.run({ port: '0', 'read-through': 'true', registry: upstream.host, username, password });
    const asked = (host = '') =>
      fetch(`http://${host.replace('localhost', '127.0.0.1')}/v2/org/app/manifests/1?ns=${upstream.host}`);
    try {
      expect({ code: step.code, errors: step.errors }).toEqual({ code: 0, errors: [] });
      expect(step.stdout).toContain(`::add-mask::${password}-long\n`);
      expect((await asked(step.outputs.registry)).ok).toBe(false);
      expect((await asked(good.outputs.registry)).headers.get('docker-content-digest')).toBe(image.digest);
      const { pid } = JSON.parse(good.state.serving ?? '{}');
      const seen = await Promise.all(['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8')));
      expect(seen.join(' ')).toContain('--inputs-stdin');
      expect(seen.join(' ')).not.toContain(password);
    } finally {
      await runner.post(step);
      await runner.post(good);
      await upstream.stop();
    }
  },
  60_000,
);
