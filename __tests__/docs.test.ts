import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = path.resolve(import.meta.dirname, '..');
const text = (file: string) => readFileSync(path.join(root, file), 'utf8');

const DOCUMENTS = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...readdirSync(path.join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

/** Files of ours that a document links to, without what stands behind `#`. */
const linked = (document: string) =>
  [...text(document).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)].map(([, target = '']) =>
    path.join(path.dirname(document), target),
  );

/** Files of ours that a document names in words. */
const named = (document: string) =>
  [...text(document).matchAll(/(?<![\w./])(?:src|scripts|__tests__|bench)\/[\w./-]+\.(?:ts|js)\b/g)].map(
    ([name]) => name,
  );

const absent = (files: readonly string[]) => files.filter((file) => !existsSync(path.join(root, file)));

describe.each(DOCUMENTS)('%s', (document) => {
  test('links to and names only files that there are', () => {
    expect(absent([...linked(document), ...named(document)])).toEqual([]);
  });
});

describe('how it works', () => {
  const document = 'docs/how-it-works.md';

  test('is short, names the file it links to, and is found from the README and CONTRIBUTING', () => {
    expect(text(document).trimEnd().split('\n').length).toBeLessThanOrEqual(150);
    for (const [, words = '', target = ''] of text(document).matchAll(/\[([^\]]+)\]\(([^)]+)\)/g))
      expect(path.join('docs', target)).toBe(words);
    for (const from of ['README.md', 'CONTRIBUTING.md']) expect(linked(from)).toContain(document);
  });

  test('leads through every step of the flow, and into every room', () => {
    const verbs = [...text('src/pull/pull.ts').matchAll(/from '\.\/([\w-]+)\.ts'/g)].map(
      ([, name]) => `src/pull/${name}.ts`,
    );
    const told = linked(document);
    const steps = ['all-tags', 'resolve', 'present', 'plan', 'disk', 'fetch', 'finish', 'result'].map(
      (name) => `src/pull/${name}.ts`,
    );
    expect(verbs).toEqual(expect.arrayContaining(steps));
    expect(told).toEqual(expect.arrayContaining(steps));
    const rooms = readdirSync(path.join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const visited = new Set(told.map((file) => file.split('/').slice(0, 2).join('/')));
    // What these two hold is told of by the folders above them.
    const small = ['src/ports', 'src/outcome', 'src/settings', 'src/tar'];
    expect(
      rooms.map(({ name }) => `src/${name}`).filter((room) => !visited.has(room) && !small.includes(room)),
    ).toEqual([]);
  });
});
