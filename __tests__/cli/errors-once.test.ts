import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStore } from '../../src/store/layout-store.ts';
import { type BagRegistry, bagRegistry } from '../support/bag-registry.ts';
import { imageBag } from '../support/image-builder.ts';
import { sourceCommand, startSource } from '../support/source.ts';
import { makeImage, putImage } from '../support/stored-image.ts';

let folder: string;
let registry: BagRegistry;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pull-image-errors-'));
  registry = await bagRegistry(imageBag());
  const store = await openStore(path.join(folder, '.cache/pull-image'));
  await putImage(store, 'docker.io/library/app:1', await makeImage({ layers: ['one'] }));
});
afterAll(async () => {
  await registry.close();
  await rm(folder, { recursive: true, force: true });
});

const at = (word: string) => word.replace('HOST', registry.host).replace('TMP', folder);

test.each([
  { words: ['pull', '-q', '--engine=none', 'HOST/gone:1'] },
  { words: ['pull', '-q', '--engine=none', '--json', 'HOST/gone:1'] },
  { words: ['pull', '-q', '--engine=none', '--pull-policy=never', 'gone:1'] },
  { words: ['pull', '-q', '--json', 'A'] },
  { words: ['push', '-q', 'gone:1'] },
  { words: ['push', '-q', '--json', 'gone:1'] },
  { words: ['push', '-q', '--json', 'A'] },
  { words: ['save', '-q', 'HOST/gone:1', '-o', 'TMP/x.tar'] },
  { words: ['save', '-q', 'HOST/gone:1'] },
  { words: ['save', '-q', 'app:1', '--pull-policy=never', '--platform=linux/s390x'] },
  { words: ['save', '-q', 'app:1', '-o', 'TMP'] },
  { words: ['export', '-q', 'HOST/gone:1', '-o', 'TMP/x.tar'] },
  { words: ['load', '-q', '-i', 'TMP'] },
  { words: ['ls', '-q', '--filter=x'] },
  { words: ['ls', '--format=json', '--filter=before=gone'] },
  { words: ['manifest', 'inspect', '--format=json', 'HOST/gone:1'] },
  { words: ['search', '--format=json', '--limit=0', 'x'] },
])(
  'an error is one line, and on standard error: %j',
  async ({ words }) => {
    const { code, stdout, stderr } = await startSource(words.map(at), { HOME: folder }).done;
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^\S[^\n]*\n$/) });
    // What came of it is told to programs, too.
    if (words.includes('--json') && !words.includes('A'))
      expect(JSON.parse(stdout).totals).toMatchObject({ failed: 1 });
    else expect(stdout).toBe('');
  },
  30_000,
);

test('standard output that takes no more is one line, too', async () => {
  for (const words of [['ls'], ['save', '-q', 'app:1']]) {
    const full = openSync('/dev/full', 'w');
    const [file, ...args] = sourceCommand(...words);
    const child = spawn(file, args, { env: { HOME: folder }, stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    const [said, [code]] = await Promise.all([text(child.stderr as NodeJS.ReadableStream), once(child, 'close')]);
    const errors = said.split('\n').filter((line) => !line.startsWith('✓'));
    expect({ words, code, errors }).toEqual({
      ...{ words, code: 1 },
      errors: ['standard output: no space left for what is written there', ''],
    });
  }
}, 30_000);
