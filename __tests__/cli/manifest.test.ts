import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type BagRegistry, bagRegistry, fetched } from '../support/bag-registry.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { startSource } from '../support/source.ts';

let folder: string;
let bag: ImageBag;
let registry: BagRegistry;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pull-image-manifest-'));
  bag = imageBag();
  registry = await bagRegistry(bag);
});
afterEach(async () => {
  await registry.close();
  await rm(folder, { recursive: true, force: true });
});
const inspect = (...args: string[]) => startSource(['manifest', 'inspect', ...args], { HOME: folder }).done;

test('tells platforms, sizes and attestations of what a registry has, and asks for no blob', async () => {
  const amd = await bag.image({ layers: ['base', 'amd'], layerSize: 50_000 });
  const arm = await bag.image({ layers: ['base'], layerSize: 50_000, architecture: 'arm64' });
  const { platform: _, ...proof } = await bag.image({ layers: ['proof'] });
  const index = bag.index([
    amd,
    arm,
    {
      ...proof,
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': amd.digest },
    },
  ]);
  bag.tag('acme/app', '1', index);
  const { code, stdout, stderr } = await inspect(`${registry.host}/acme/app:1`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [head, rows] = stdout.trimEnd().split('\n\n');
  expect(head?.split('\n')).toEqual([
    `Name:      ${registry.host}/acme/app:1`,
    `MediaType: ${index.mediaType}`,
    `Digest:    ${index.digest}`,
  ]);
  expect(rows?.split('\n').map((row) => row.split(/ {2,}/))).toEqual([
    ['PLATFORM', 'SIZE', 'LAYERS', 'ATTESTED', 'DIGEST'],
    ['linux/amd64', '101kB', '2', '1 attestation', amd.digest],
    ['linux/arm64', expect.stringMatching(/^50\.\dkB$/), '1', '-', arm.digest],
  ]);
  expect(fetched(registry.fresh(), 'blobs')).toEqual([]);

  const json = JSON.parse((await inspect(`${registry.host}/acme/app@${index.digest}`, '--format', 'json')).stdout);
  expect(
    json.Manifests.map(({ Digest, Attestation, Attests }: Record<string, unknown>) => [Digest, Attestation, Attests]),
  ).toEqual([
    [amd.digest, false, undefined],
    [arm.digest, false, undefined],
    [proof.digest, true, amd.digest],
  ]);
  const raw = await inspect(`${registry.host}/acme/app:1`, '--format', 'raw');
  expect(raw.stdout).toBe(Buffer.from(bag.blobs.get(index.digest)?.bytes ?? []).toString());
}, 60_000);

test('an image without an index has the platform of its config; one that is not there is an error', async () => {
  bag.tag('acme/one', '1', await bag.image({ layers: ['base'], architecture: 's390x' }));
  expect((await inspect(`${registry.host}/acme/one:1`)).stdout).toContain('\nlinux/s390x  ');
  const { code, stdout, stderr } = await inspect(`${registry.host}/acme/one:2`);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/acme\/one/);
  expect(stderr).not.toMatch(/^\s+at /m);
}, 60_000);

test('every command says in its help how it is used', async () => {
  const commands = [
    'pull',
    'save',
    'load',
    'export',
    'import',
    'ls',
    'inspect',
    'manifest inspect',
    'rm',
    'tag',
    'index create',
    'lock',
  ];
  const more = ['manifest', 'index', 'store', 'store ls', 'store verify', 'store sweep'];
  for (const command of [...commands, ...more]) {
    const { code, stdout } = await startSource([...command.split(' '), '--help'], { HOME: folder }).done;
    expect({ command, code }).toEqual({ command, code: 0 });
    expect(stdout).toContain(`\nExample:\n  `);
    expect(stdout).toContain(`pull-image ${command}`);
    expect(stdout).not.toContain('default: []');
  }
}, 120_000);
