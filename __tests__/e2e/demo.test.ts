import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BagRegistry, bagRegistry } from '../support/bag-registry.ts';
import { imageBag } from '../support/image-builder.ts';
import { auditStore } from '../support/store-audit.ts';
import { startCli } from '../support/terminal.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pull-image-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const cli = (...args: string[]) => startCli(args, { TMPDIR: folder, HOME: folder }).done;

describe('npm start', () => {
  test('shows the main job cold, then warm, then the digests, the same ones each time, and leaves nothing behind', async () => {
    const [{ code, stdout, stderr }, again] = await Promise.all([cli(), cli()]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const shown = [
      'Pulling both into an empty store',
      'Pull complete',
      'Digest: sha256:',
      'Status: Downloaded newer image for ',
      ' 5 of them for blobs',
      'The same again',
      'nothing to download',
      'Already exists',
      'Status: Image is up to date for ',
      ' 0 of them for blobs',
      '(pinned)',
      '/demo/app:1@sha256:',
      '/demo/worker:1@sha256:',
      'npm start -- pull redis:7',
    ];
    const at = shown.map((text) => stdout.indexOf(text));
    expect(at).not.toContain(-1);
    expect(at).toEqual(at.toSorted((a, b) => a - b));
    expect(stdout.match(/^✓ /gm)).toHaveLength(4);
    expect(stdout).not.toMatch(/^::|##\[|✗/m);
    const digests = (text: string) => text.match(/(?<=demo\/\w+:1@)sha256:[0-9a-f]{64}/g);
    expect(digests(stdout)).toHaveLength(2);
    expect(digests(again.stdout)).toEqual(digests(stdout));
    expect(await readdir(folder)).toEqual([]);
  }, 30_000);

  test.each(['makes its images', 'pulls'])(
    'interrupted while it %s, it leaves nothing behind either',
    async (when) => {
      const program = startCli([], { TMPDIR: folder, HOME: folder });
      if (when === 'pulls') await once(program.process.stdout ?? program.process, 'data');
      else while (program.process.exitCode === null && (await readdir(folder)).length === 0) await sleep(5);
      program.process.kill('SIGINT');
      const { code, stdout, stderr } = await program.done;
      expect({ code, stderr }).toEqual({ code: 130, stderr: 'pull-image: cancelled\n' });
      expect(stdout).not.toContain('(pinned)');
      expect(await readdir(folder)).toEqual([]);
    },
    30_000,
  );
});

describe('the command line', () => {
  test('explains itself', async () => {
    const [root, pull, version] = await Promise.all([cli('--help'), cli('pull', '--help'), cli('--version')]);
    expect([root?.code, pull?.code, version?.code]).toEqual([0, 0, 0]);
    expect(root?.stdout).toMatch(/^Usage: pull-image .*\n[\s\S]*\bdemo\b[\s\S]*\bpull\b/);
    for (const option of ['--platform', '--all-tags', '--engine', '--store', '--quiet'])
      expect(pull?.stdout).toContain(option);
    expect(version?.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  }, 30_000);

  test.each([
    {
      args: ['pull', 'redis:7', '--colour'],
      says: /^error: unknown option '--colour'\nSee pull-image pull --help\.\n$/,
    },
    { args: ['pull'], says: /^inputs: images: is empty; / },
    { args: ['lock'], says: /^inputs: images: is empty; / },
    { args: ['pull', '--files', 'gone.yml'], says: /^inputs: files: gone\.yml: is not there, in / },
    {
      args: ['pull', 'redis', '--all-tags', '--tags', '>=x7'],
      says: /^inputs: tags: expected a version range, found ">=x7"/,
    },
    { args: ['fetch', 'redis:7'], says: /^error: unknown command 'fetch'; / },
    { args: ['redis:7'], says: /^error: unknown command 'redis:7'; .* write: pull-image pull redis:7\n/ },
    { args: ['pull', 'redis:7', '--engine', 'rocket'], says: /^inputs: engine: .*\bauto, docker\b.*rocket/ },
    { args: ['pull', 'Redis:7'], says: /^inputs: images: .*Redis/ },
    { args: ['pull', 'redis:7', '--platform', 'linux/amd64/a/b'], says: /^inputs: platforms: .*linux\/amd64\/a\/b/ },
    { args: ['pull', 'redis:7', '--max-tags', 'many'], says: /^inputs: max-tags: .*many/ },
  ])(
    '$args is refused before anything is pulled',
    async ({ args, says }) => {
      const { code, stdout, stderr } = await cli(...args);
      expect(code).toBe(1);
      expect(stderr).toMatch(says);
      expect(`${stdout}${stderr}`).not.toMatch(/^\s+at |node:internal/m);
      expect(await readdir(folder)).toEqual([]);
    },
    30_000,
  );

  describe('against a registry', () => {
    let registry: BagRegistry;
    beforeEach(async () => {
      const bag = imageBag();
      registry = await bagRegistry(bag);
      bag.tag('acme/app', '1', await bag.image({ layers: ['base', 'app'] }));
      bag.tag('acme/app', '2', await bag.image({ layers: ['base', 'app two'] }));
    });
    afterEach(() => registry.close());

    test('a missing image is an exit code of 1 and a line that names it; the other is there', async () => {
      const store = path.join(folder, 'store');
      const good = `${registry.host}/acme/app:1`;
      const bad = `${registry.host}/acme/app:gone`;
      const { code, stdout, stderr } = await cli('pull', bad, good, '--engine', 'none', '--store', store);
      expect(code).toBe(1);
      const results = stdout.split('\n').filter((line) => /^[✓✗]/.test(line));
      expect(results.map((line) => line.split(/\s+/).slice(0, 2).join(' '))).toEqual([`✓ ${good}`]);
      expect(stderr).toMatch(new RegExp(`^✗ ${bad} +manifest for ${bad} not found[^\\n]*\\n$`));
      expect([...(await auditStore(store)).names.keys()]).toEqual([good]);
    }, 30_000);

    test('--all-tags, --tags and --quiet mean what the inputs mean, and the default store is in the cache folder', async () => {
      const { code, stdout } = await cli(
        'pull',
        `${registry.host}/acme/app`,
        '--all-tags',
        '--tags',
        '2*',
        '--engine',
        'none',
        '--quiet',
      );
      expect(code).toBe(0);
      expect(stdout).toMatch(/^✓ \S+\/acme\/app:2 .*\n$/);
      const { names } = await auditStore(path.join(folder, '.cache/pull-image'));
      expect([...names.keys()]).toEqual([`${registry.host}/acme/app:2`]);
    }, 30_000);
  });
});
