import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Server, serve } from '../../src/server/server.ts';
import { imageBag } from '../support/image-builder.ts';
import { newRunner, type Runner } from '../support/runner.ts';

let runner: Runner;
let server: Server;
beforeEach(async () => {
  const bag = imageBag();
  bag.tag('team/app', '1', await bag.image({ layers: ['app'], layerSize: 2000 }));
  bag.tag('team/db', '1', await bag.image({ layers: ['db'], layerSize: 2000 }));
  server = await serve(bag.catalog, bag.source);
  runner = await newRunner();
});
afterEach(async () => {
  await server.close();
  await runner.dispose();
});

const images = () => `${server.host}/team/app:1\n${server.host}/team/db:1`;

test('an engine that is not there is the error of every image, in json and in the summary', async () => {
  const { code, outputs, summary, errors } = await runner.run(
    { images: images(), engine: 'podman' },
    { PATH: '/nowhere' },
  );
  expect(code).toBe(1);
  expect(errors).toHaveLength(1);
  const { images: described, totals } = JSON.parse(outputs.json ?? '');
  expect(totals).toMatchObject({ images: 2, failed: 2 });
  expect(Object.keys(described)).toEqual(images().split('\n'));
  for (const image of Object.values(described))
    expect(image).toMatchObject({ error: { code: 'ENGINE_UNAVAILABLE' }, loaded: false, digest: null });
  expect(outputs).toMatchObject({ pinned: '', loaded: '', digests: '{}', digest: '' });
  expect(summary).toContain('2 of 2 images failed');
});

test('a state that cannot be kept for the end of the job costs no image', async () => {
  const state = path.join(runner.folder, 'temp', 'a-folder');
  await mkdir(state);
  const { code, outputs, stdout, stderr } = await runner.run(
    { images: images(), engine: 'none' },
    { GITHUB_STATE: state },
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(outputs.json ?? '').totals).toMatchObject({ images: 2, failed: 0 });
  expect(stdout.match(/::warning::The end of the job will not know of this step/g)).toHaveLength(1);
});
