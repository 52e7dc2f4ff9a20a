import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { readTar } from '../../src/tar/read-tar.ts';
import { type DockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { ENGINES } from '../support/engines.ts';
import { realTest } from '../support/real-parts.ts';
import { seed } from '../support/seed.ts';
import { startSource } from '../support/source.ts';
import { tarArchive } from '../support/tar-archive.ts';

const run = promisify(execFile);
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pull-image-export-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = (name: string) => path.join(folder, name);
const cli = (...args: string[]) => startSource(args, { HOME: folder }).done;

/** What every name of the tar is, hard links by all their names. */
async function listing(tar: string): Promise<Map<string, object>> {
  const files = new Map<string, object>();
  const links = new Map<string, string>();
  for await (const { name, type, mode, uid, gid, size, linkName, device } of readTar(createReadStream(tar), tar)) {
    const plain = name.replace(/^\.?\//, '').replace(/\/$/, '');
    if (type === 'link') links.set(plain, linkName);
    else if (plain !== '' && plain !== '.')
      files.set(plain, {
        type,
        mode: type === 'symlink' ? 0o777 : mode,
        uid,
        gid,
        size,
        linkName,
        device: type.endsWith('device') ? device : [],
      });
  }
  const groups = new Map<string, string[]>();
  for (const [name, to] of links) groups.set(to, [...(groups.get(to) ?? [to]), name]);
  for (const [to, names] of groups) {
    const all = names.toSorted();
    for (const name of all) files.set(name, { ...files.get(to), links: all });
  }
  return files;
}

/** What Docker puts over those of the image, and what else it puts into every container. */
const DOCKERS_FILES = ['etc/hostname', 'etc/hosts', 'etc/resolv.conf'];
const DOCKERS_OWN = ['.dockerenv', 'dev', 'dev/console', 'dev/pts', 'dev/shm', 'etc', 'etc/mtab', 'proc', 'sys'];

const [docker] = ENGINES;
realTest('docker-registry', 'skopeo', ...(docker?.parts ?? []))(
  'the file system of every real image is what docker export gives for it',
  async () => {
    let registry: DockerRegistry | undefined;
    const own = await docker?.make();
    try {
      registry = await startDockerRegistry();
      /** By skopeo, which however cannot make plain tars of zstd for a Docker that knows none. */
      const intoDocker = async (reference: string, platform: string) => {
        if (reference.includes('/zstd:')) {
          const args = ['pull', reference, '--platform', platform, '--engine', 'docker'];
          const environment = { HOME: folder, DOCKER_HOST: own?.environment.DOCKER_HOST ?? '' };
          expect(await startSource(args, environment).done).toMatchObject({ code: 0 });
          return reference;
        }
        await rm(file('d.tar'), { force: true });
        const arch = ['--override-os', 'linux', '--override-arch', platform.slice('linux/'.length)];
        const from = ['--insecure-policy', ...arch, 'copy', '--src-tls-verify=false', `docker://${reference}`];
        await run('skopeo', [...from, `docker-archive:${file('d.tar')}:x:1`]);
        await own?.command('load', '-i', file('d.tar'));
        return 'x:1';
      };
      const images = await seed(registry.host);
      for (const { name, platform } of images) {
        const reference = `${registry.host}/${name}`;
        expect(await cli('export', reference, '--platform', platform, '-o', file('ours.tar'))).toMatchObject({
          code: 0,
          stdout: '',
        });
        const local = await intoDocker(reference, platform);
        const container = await own?.command('create', '--network', 'none', local, '/x');
        await own?.command('export', '-o', file('docker.tar'), container ?? '');
        await own?.command('rm', container ?? '');
        await own?.command('rmi', local);
        const [ours, theirs] = [await listing(file('ours.tar')), await listing(file('docker.tar'))];
        for (const covered of DOCKERS_FILES) for (const all of [ours, theirs]) all.delete(covered);
        for (const added of DOCKERS_OWN) if (!ours.has(added)) theirs.delete(added);
        expect({ name, files: Object.fromEntries([...ours].sort()) }).toEqual({
          name,
          files: Object.fromEntries([...theirs].sort()),
        });
        expect(ours.size).toBeGreaterThan(0);
      }
    } finally {
      await registry?.stop();
      await own?.dispose();
    }
  },
  180_000,
);

test('a tar is imported as an image of one layer, which exports what went in', async () => {
  const tar = tarArchive([
    { name: 'bin', type: 'folder', mode: 0o755 },
    { name: 'bin/sh', content: 'x'.repeat(3000), mode: 0o755 },
    { name: 'bin/ash', type: 'link', target: 'bin/sh' },
    { name: 'sh', type: 'symlink', target: 'bin/sh' },
  ]);
  await writeFile(file('in.tar'), tar);
  const { code, stdout, stderr } = await cli(
    'import',
    file('in.tar'),
    'org/base:1',
    '--platform',
    'linux/arm64',
    '-m',
    'by hand',
    ...['--change', 'CMD ["sh"]', '-c', 'ENV A=b'],
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [image] = JSON.parse((await cli('inspect', 'org/base:1')).stdout);
  expect(stdout).toBe(`org/base:1@${image.Id}\n`);
  expect(image.Manifests).toMatchObject([
    {
      Platform: 'linux/arm64',
      Config: { Cmd: ['sh'], Env: ['A=b'] },
      Layers: [{ DiffID: digestOf(tar) }],
      History: [{ Comment: 'by hand' }],
    },
  ]);
  expect(
    await cli('export', 'org/base:1', '--platform', 'linux/arm64', '--pull-policy', 'never', '-o', file('out.tar.gz')),
  ).toMatchObject({ code: 0 });
  await writeFile(file('out.tar'), gunzipSync(await readFile(file('out.tar.gz'))));
  expect(await listing(file('out.tar'))).toEqual(await listing(file('in.tar')));
}, 60_000);

test('a tar without its end is not imported, for it may lack files', async () => {
  const whole = tarArchive([
    { name: 'a', content: 'x' },
    { name: 'b', content: 'y' },
  ]);
  await writeFile(file('cut.tar'), whole.subarray(0, 1024));
  const { code, stdout, stderr } = await cli('import', file('cut.tar'), 'cut:1');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('cut.tar: ends without the empty blocks that end a tar, so it may be cut short. Look at');
  expect((await cli('ls', '-q')).stdout).toBe('');
}, 60_000);

test('what is no tar is not imported, and a hostile image leaves no file behind', async () => {
  await writeFile(file('bad.tar'), Buffer.alloc(3000, 'x'));
  const { code, stdout, stderr } = await cli('import', file('bad.tar'), 'bad:1');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('bad.tar: is no tar, or damaged');
  expect((await cli('ls', '-q')).stdout).toBe('');
  for (const nothing of [Buffer.alloc(0), gzipSync('')]) {
    await writeFile(file('none.tar'), nothing);
    const none = await cli('import', file('none.tar'), 'none:1');
    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toContain(
      'none.tar: is empty, expected a tar. Look at what was to write it: it may have failed.',
    );
  }
  expect((await cli('ls', '-q')).stdout).toBe('');
  await writeFile(file('in.tar.xz'), Buffer.from('fd377a585a000004e6d6b446', 'hex'));
  const packed = await cli('import', file('in.tar.xz'), 'xz:1');
  expect(packed.stderr).toContain(
    'is compressed by xz, which is not unpacked here. Unpack it on the way: xz -dc FILE | ',
  );
  const foreign = await cli('import', file('in.tar.xz'), 'bad:1', '-c', 'RUN make');
  expect(foreign.stderr).toContain('--change: expected CMD, ENTRYPOINT, ENV');
  expect((await cli('import', 'https://u:p@example.com/a.tar', 'x:1')).stderr).toContain(
    'https://example.com/a.tar: expected a file, found a URL. Write curl -fL URL | pull-image import - x:1.',
  );

  await writeFile(file('evil.tar'), tarArchive([{ name: 'a', type: 'symlink', target: '../../etc' }]));
  await cli('import', file('evil.tar'), 'evil:1');
  const evil = await cli('export', 'evil:1', '--pull-policy', 'never', '-o', file('evil-out.tar'));
  expect(evil.code).toBe(1);
  expect(evil.stderr).toContain('a is a symbolic link to ../../etc, out of the image. Nothing was written outside');
  await expect(stat(file('evil-out.tar'))).rejects.toThrow('ENOENT');
}, 60_000);
