import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type BagRegistry, bagRegistry } from '../support/bag-registry.ts';
import { refusalOf, type Served, served } from '../support/serving.ts';
import { makeImage } from '../support/stored-image.ts';

let folder: string;
let upstream: BagRegistry;
let registry: Served;
let port: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pull-image-itself-'));
  const image = await makeImage({ layers: ['app'] });
  image.bag.tag('library/app', '1', image.target);
  upstream = await bagRegistry(image.bag);
  const conf = path.join(folder, 'registries.conf');
  registry = await served({}, undefined, { environment: { CONTAINERS_REGISTRIES_CONF: conf } });
  port = registry.host.replace('localhost:', '');
});
afterEach(async () => {
  await registry.dispose();
  await upstream.close();
  await rm(folder, { recursive: true, force: true });
});

/** As the machine's own tools are told to ask the server. */
const write = (location: string, ...mirrors: readonly string[]) =>
  writeFile(
    path.join(folder, 'registries.conf'),
    [
      '[[registry]]',
      `prefix = "${upstream.host}"`,
      `location = "${location}"`,
      ...mirrors.flatMap((mirror) => ['[[registry.mirror]]', `location = "${mirror}"`, 'insecure = true']),
    ].join('\n'),
  );
const pull = () => registry.ask('GET', `library/app/manifests/1?ns=${upstream.host}`);

test('a machine that has the server as its mirror does not make it ask itself', async () => {
  await write(upstream.host, `127.0.0.1:${port}`, `localhost:${port}/library`, `[::1]:${port}`);
  expect((await pull()).status).toBe(200);
  expect(registry.events).toEqual([]);
});

test('nor does one that moved the registry to the server: then the registry itself is asked', async () => {
  await write(`localhost:${port}`);
  expect((await pull()).status).toBe(200);
  expect(registry.events).toEqual([]);
});

test('a request of its own that came by another name is refused at once, in words', async () => {
  await write(upstream.host);
  await pull();
  const agent = upstream.requests[0]?.headers['user-agent'] ?? '';
  expect(agent).toMatch(/^pull-image\/[\d.]+ \(serve [-0-9a-f]{36}\)$/);
  const answer = await registry.ask('GET', '', undefined, { 'user-agent': agent });
  expect(await refusalOf(answer)).toBe('421 UNSUPPORTED');
});
