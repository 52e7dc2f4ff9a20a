import { execFileSync } from 'node:child_process';
import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { saveCommand } from '../../src/cli/save.ts';
import { digestOf, shortDigest } from '../../src/oci/digest.ts';
import { blobPath } from '../../src/oci/layout.ts';
import { ENGINES } from '../support/engines.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { hasPart, realTest } from '../support/real-parts.ts';
import { type ServedBag, servedBag } from '../support/served-bag.ts';
import { startSource } from '../support/source.ts';
import { flipped } from '../support/store-blobs.ts';
import { tarEntries } from '../support/tar-entries.ts';

let folder: string;
let bag: ImageBag;
let server: ServedBag;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pull-image-save-'));
  bag = imageBag();
  server = await servedBag(bag);
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function pushed() {
  const amd = await bag.image({ layers: ['base', 'amd'] });
  const arm = await bag.image({ layers: ['base', 'arm'], architecture: 'arm64' });
  const index = bag.index([amd, arm]);
  bag.tag('team/app', '1', index);
  return { amd, arm, index, name: `${server.host}/team/app` };
}
const cli = (...args: string[]) => startSource(['save', ...args], { HOME: folder }).done;
const file = (name: string) => path.join(folder, name);
const saved = async (name: string) => {
  const entries = await tarEntries(await readFile(file(name)));
  return new Map(entries.map((entry) => [entry.path, entry.bytes]));
};
const json = (content: Uint8Array | undefined) => JSON.parse(Buffer.from(content ?? []).toString());

test('an archive has one platform alone, with nothing it names left out, and is the same bytes each time', async () => {
  const { name, arm } = await pushed();
  const one = await cli(`${name}:1`, '--platform', 'linux/arm64', '-o', file('one.tar'));
  expect(one).toMatchObject({ code: 0, stdout: '' });
  expect(one.stderr).toContain(`✓ ${name}:1`);
  const entries = await saved('one.tar');
  const { manifests } = json(entries.get('index.json'));
  expect(manifests).toMatchObject([{ digest: arm.digest, annotations: { 'io.containerd.image.name': `${name}:1` } }]);
  expect(json(entries.get('manifest.json'))).toMatchObject([{ RepoTags: [`${name}:1`] }]);
  const blob = (digest: string) => entries.get(`blobs/${digest.replace(':', '/')}`);
  const { config, layers } = json(blob(arm.digest));
  for (const { digest, size } of [config, ...layers]) expect(blob(digest)).toHaveLength(size);
  expect(entries.size).toBe(3 + 1 + 1 + 2);

  const asked = server.requests.length;
  expect(await cli(`${name}:1`, '--platform', 'linux/arm64', '-o', file('two.tar'))).toMatchObject({ code: 0 });
  expect(server.requests.slice(asked)).toEqual([]);
  expect((await readFile(file('two.tar'))).equals(await readFile(file('one.tar')))).toBe(true);
  expect((await readdir(folder)).filter((it) => it.includes('tar'))).toEqual(['one.tar', 'two.tar']);
}, 60_000);

test('bytes that are no more what they were are said with the image, the store and what to do', async () => {
  const { name, amd } = await pushed();
  const save = () => cli(`${name}:1`, '--platform', 'linux/amd64', '--store', file('store'), '-o', file('x.tar'));
  expect(await save()).toMatchObject({ code: 0 });
  const { layers } = json(bag.blobs.get(amd.digest)?.bytes);
  const blob = path.join(file('store'), blobPath(layers[1].digest));
  const wrong = flipped(await readFile(blob), 10);
  await rm(blob);
  await writeFile(blob, wrong);
  const { code, stderr } = await save();
  expect(code).toBe(1);
  expect(stderr).toContain(
    `${name}:1: ${layers[1].digest}: other bytes: expected ${layers[1].digest}, found ${digestOf(wrong)} in the store ${file('store')}`,
  );
  expect(stderr).toContain('Take it away with pull-image store verify, and pull the image again');
}, 30_000);

test('a bare digest is called by a tag made of it', async () => {
  const { name, index } = await pushed();
  expect(await cli(`${name}@${index.digest}`, '--platform', 'linux/amd64', '-o', file('x.tar'))).toMatchObject({
    code: 0,
  });
  const [{ RepoTags }] = json((await saved('x.tar')).get('manifest.json'));
  expect(RepoTags).toEqual([`${name}:sha256-${shortDigest(index.digest)}`]);
}, 30_000);

test('a pipe is written into, and a link leads to where the file is, or is to be', async () => {
  const { name } = await pushed();
  const save = (to: string) => cli(`${name}:1`, '--platform', 'linux/amd64', '-o', file(to));
  expect(await save('plain.tar')).toMatchObject({ code: 0 });
  const plain = await readFile(file('plain.tar'));

  execFileSync('mkfifo', [file('pipe')]);
  const [read, saving] = await Promise.all([readFile(file('pipe')), save('pipe')]);
  expect(saving).toMatchObject({ code: 0 });
  expect(read.equals(plain)).toBe(true);
  expect((await lstat(file('pipe'))).isFIFO()).toBe(true);

  const unread = startSource(['save', `${name}:1`, '--platform', 'linux/amd64', '-o', file('pipe')], { HOME: folder });
  const isReady = (said: unknown) => String(said).includes('; downloaded ');
  await new Promise<void>((ready) => unread.process.stderr?.on('data', (said) => isReady(said) && ready()));
  await sleep(300);
  unread.process.kill('SIGINT');
  expect(await unread.done).toMatchObject({ code: 130 });

  await writeFile(file('old.tar'), 'old');
  for (const [link, target] of [
    ['link', 'old.tar'],
    ['chain', 'dangling'],
    ['dangling', 'new.tar'],
  ] as const)
    await symlink(target, file(link));
  for (const [link, target] of [
    ['link', 'old.tar'],
    ['chain', 'new.tar'],
  ] as const) {
    expect(await save(link)).toMatchObject({ code: 0 });
    expect((await lstat(file(link))).isSymbolicLink()).toBe(true);
    expect((await lstat(file(target))).isFile()).toBe(true);
    expect((await readFile(file(target))).equals(plain)).toBe(true);
  }
  expect((await readdir(folder)).filter((it) => it.endsWith('.part'))).toEqual([]);
}, 60_000);

describe('refused in words, with nothing written:', () => {
  test('a terminal', async () => {
    const out = Object.assign(new PassThrough(), { isTTY: true });
    const said: string[] = [];
    const saving = saveCommand(
      ['redis:7'],
      { mirror: [], insecureRegistry: [] },
      { out, say: (line) => said.push(line) },
      new AbortController().signal,
    );
    await expect(saving).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: 'save: an archive is nothing for a terminal',
      hint: 'Add --output FILE, or redirect: pull-image save redis:7 > redis.tar',
    });
    expect([out.readableLength, said]).toEqual([0, []]);
  });

  test.each([['all'], ['linux/amd64,linux/arm64']])('--platform %s', async (platform) => {
    const { name } = await pushed();
    const { code, stdout, stderr } = await cli(`${name}:1`, '--platform', platform);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('an archive holds one platform. Name one, such as linux/arm64');
    expect(server.requests).toEqual([]);
  });

  test('an image that is not there', async () => {
    const { code, stdout, stderr } = await cli(`${server.host}/team/none:1`, '-o', file('none.tar'));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`✗ ${server.host}/team/none:1`);
    expect((await readdir(folder)).filter((it) => it.includes('tar'))).toEqual([]);
  });

  test.each([
    ['no/x.tar', 'expected a folder to write the archive in, found none'],
    ['old.tar/x.tar', 'expected a folder to write the archive in, found a file'],
    ['.', 'expected a file to write the archive to, found a folder'],
  ])('an output nobody can write to, before anything is pulled: %s', async (output, reason) => {
    const { name } = await pushed();
    await writeFile(file('old.tar'), '');
    const at = `${folder}/${output}`;
    expect(await cli(`${name}:1`, '-o', at)).toEqual({
      ...{ code: 1, signal: null, stdout: '' },
      stderr: `${at}: ${reason}. Name a file that can be written with --output.\n`,
    });
    expect(server.requests).toEqual([]);
  });

  test('an artifact', async () => {
    const config = bag.add('application/vnd.cncf.helm.config.v1+json', {});
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    bag.tag('team/chart', '1', bag.add(mediaType, { schemaVersion: 2, mediaType, config, layers: [] }));
    const { code, stderr } = await cli(`${server.host}/team/chart:1`, '-o', file('chart.tar'));
    expect(code).toBe(1);
    expect(stderr).toContain('not a container image but an artifact');
  });
});

describe('the archive is taken by', () => {
  const load: Record<string, readonly string[]> = {
    docker: ['load', '-i'],
    podman: ['load', '-i'],
    // As kind does it for each of its nodes.
    containerd: ['images', 'import', '--all-platforms', '--digests'],
  };

  for (const { title, engine, parts, make } of ENGINES)
    realTest(...parts)(
      title,
      async () => {
        if (!hasPart(...parts)) return;
        const { name } = await pushed();
        expect(await cli(`${name}:1`, '--platform', 'linux/amd64', '-o', file('x.tar'))).toMatchObject({ code: 0 });
        const own = await make();
        try {
          await own.command(...(load[engine] ?? []), file('x.tar'));
          const listed = engine === 'containerd' ? ['images', 'ls', '-q'] : ['image', 'inspect', `${name}:1`];
          expect(await own.command(...listed)).toContain(`${name}:1`);
        } finally {
          await own.dispose();
        }
      },
      60_000,
    );
});
