import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { parseReference } from '../../src/oci/reference.ts';
import { closeClients, openClient } from '../support/client.ts';
import { type DockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { hasPart, realTest } from '../support/real-parts.ts';
import { seed } from '../support/seed.ts';
import { startSource } from '../support/source.ts';

const run = promisify(execFile);
const test = realTest('docker-registry', 'skopeo');

let folder: string;
let registry: DockerRegistry;
let source: string;
beforeEach(async () => {
  if (!hasPart('docker-registry', 'skopeo')) return;
  folder = await mkdtemp(path.join(tmpdir(), 'pull-image-round-'));
  registry = await startDockerRegistry();
  const [image] = await seed(registry.host);
  source = `${registry.host}/${image?.name}`;
});
afterEach(async () => {
  await closeClients();
  await registry?.stop();
  await rm(folder, { recursive: true, force: true });
});

const archive = () => path.join(folder, 'image.tar');
const skopeo = (...words: readonly string[]) => run('skopeo', ['--insecure-policy', ...words]);
/** Each step in a store of its own, so that nothing is there already. */
const ours = async (store: string, ...words: readonly string[]) => {
  const done = await startSource([...words, '--store', path.join(folder, store)], { HOME: folder }).done;
  expect({ code: done.code, words, said: done.code === 0 ? '' : done.stdout + done.stderr }).toMatchObject({ code: 0 });
  return done.stdout;
};
const digestAt = async (name: string): Promise<string> => {
  const reference = parseReference(name);
  return (await openClient().resolve(reference, reference.tag ?? '')).digest;
};
/** The manifest of linux/amd64, which is what an archive holds. */
const platformAt = async (name: string): Promise<string> => {
  const reference = parseReference(name);
  const { bytes } = await openClient().manifest(reference, (await digestAt(name)) as never);
  const { manifests } = JSON.parse(Buffer.from(bytes).toString());
  const amd = manifests.find(
    ({ platform }: { platform: { architecture: string } }) => platform.architecture === 'amd64',
  );
  return amd.digest;
};

const FROM_REGISTRY = ['copy', '--src-tls-verify=false', '--override-arch', 'amd64', '--override-os', 'linux'] as const;
const LEGS = {
  save: {
    ours: () => ours('one', 'save', source, '--platform', 'linux/amd64', '-o', archive()),
    skopeo: () => skopeo(...FROM_REGISTRY, `docker://${source}`, `oci-archive:${archive()}:${source}`),
  },
  push: {
    async ours(to: string) {
      const said = await ours('two', 'load', '-i', archive());
      const [, name = ''] = /^Loaded image: (\S+)$/m.exec(said) ?? [];
      await ours('two', 'push', name, '--to', to, '--pull-policy', 'never');
    },
    skopeo: (to: string) => skopeo('copy', '--dest-tls-verify=false', `oci-archive:${archive()}`, `docker://${to}`),
  },
};

const WAYS = [
  ['ours', 'ours'],
  ['skopeo', 'ours'],
  ['ours', 'skopeo'],
] as const;

for (const [save, push] of WAYS)
  test(`a digest is the same after pull and save (${save}), load and push (${push}), and is pulled again by both`, async () => {
    const to = `${registry.host}/round/${save}-${push}:1`;
    await LEGS.save[save]();
    await LEGS.push[push](to);
    expect(await digestAt(to)).toBe(await platformAt(source));
    await ours('three', 'pull', to, '--engine', 'none');
    await skopeo('copy', '--src-tls-verify=false', `docker://${to}`, `oci:${path.join(folder, 'layout')}:1`);
  }, 60_000);
