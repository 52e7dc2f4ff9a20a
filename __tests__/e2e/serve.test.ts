import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { SERVE_INPUTS, SERVE_OUTPUTS } from '../../src/github/serving.ts';
import { pushBlob } from '../support/docker-registry.ts';
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
