import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { VERSION } from '../src/wire.ts';

const root = path.resolve(import.meta.dirname, '..');
const text = (file: string) => readFileSync(path.join(root, file), 'utf8');
const readme = text('README.md');
const action: {
  readonly inputs: Readonly<Record<string, { readonly default?: unknown; readonly description: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
} = parse(text('action.yml'));

/** The contents of the fenced blocks of a language. */
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map((match) => match[1] ?? '');

/** The table between the marks, cell by cell, without its head. */
function table(name: string): string[][] {
  const lines = readme.split(`<!-- ${name} -->\n`)[1]?.split(`<!-- /${name} -->`)[0]?.trim().split('\n') ?? [];
  return lines.slice(2).map((line) =>
    line
      .slice(2, -2)
      .split(/ \| | \| {2}\| /)
      .map((cell) => cell.trim()),
  );
}

describe('the README', () => {
  test('is what npm run docs makes of action.yml', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/docs.js', '--check'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test.each([
    ['inputs', Object.keys(action.inputs)],
    ['outputs', Object.keys(action.outputs)],
  ])('has a row for each of the %s', (name, names) => {
    expect(table(name).map(([cell]) => cell)).toEqual(names.map((it) => `\`${it}\``));
  });

  test('shows a job that is valid YAML, has known inputs only, and uses outputs that there are', () => {
    const [block = ''] = blocks('yaml');
    const { steps } = parse(block).jobs.test;
    const ours = steps.filter(({ uses = '' }) => uses.includes('/pull-image@'));
    expect(ours).toHaveLength(1);
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(ours[0].with)));
    const used = [...block.matchAll(new RegExp(`steps\\.${ours[0].id}\\.outputs\\.([\\w-]+)`, 'g'))].map(
      (match) => match[1],
    );
    expect(used.length).toBeGreaterThan(0);
    expect(Object.keys(action.outputs)).toEqual(expect.arrayContaining(used));
  });

  test('shows an output that is valid JSON', () => {
    for (const block of blocks('json')) expect(() => JSON.parse(block)).not.toThrow();
    expect(blocks('json')).toHaveLength(1);
  });

  test('gives the two commands, and both are scripts of npm', () => {
    const commands = blocks('sh').join('\n');
    expect(commands).toMatch(/^npm start$/m);
    expect(commands).toMatch(/^npm cit$/m);
    const { scripts } = JSON.parse(text('package.json'));
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['start', 'test']));
    for (const name of text('CONTRIBUTING.md').matchAll(/npm run ([\w-]+)/g))
      expect(Object.keys(scripts)).toContain(name[1]);
  });
});

describe('the documents', () => {
  const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];

  test.each(documents)('every relative link in %s leads to a file', (name) => {
    const targets = [...text(name).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
    const local = targets
      .filter((target) => !/^(https?:|#|mailto:)/.test(target))
      .map((target) => target.replace(/#.*$/, ''));
    expect(local.filter((target) => !existsSync(path.join(root, target)))).toEqual([]);
  });

  test.each(documents)('every file of the project that %s names in code is there', (name) => {
    const named = [...text(name).matchAll(/`((?:src|docs|scripts|__tests__|\.ci|\.github)\/[\w./-]+)`/g)].map(
      (match) => match[1] ?? '',
    );
    expect(named.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  });
});

describe('package.json', () => {
  const manifest = JSON.parse(text('package.json'));

  test('has the version that requests are sent with', () => {
    expect(VERSION).toBe(manifest.version);
    expect(JSON.parse(text('package-lock.json')).version).toBe(manifest.version);
  });

  test('names every dependency in one exact version', () => {
    const { dependencies, devDependencies, optionalDependencies, overrides } = manifest;
    const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies, ...overrides });
    expect(all.length).toBeGreaterThan(10);
    expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)))).toEqual([]);
  });

  test('locks all it needs by checksum, and ties nobody to a registry of packages', () => {
    const { packages } = JSON.parse(text('package-lock.json'));
    const installed = Object.entries<{ resolved?: string; integrity?: string }>(packages).filter(([at]) => at !== '');
    expect(installed.length).toBeGreaterThan(100);
    expect(installed.filter(([, { integrity = '' }]) => !integrity.startsWith('sha512-'))).toEqual([]);
    expect(installed.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });
});
