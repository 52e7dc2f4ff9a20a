import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';

// Imports go down this list: never up, never sideways. Adding a folder means adding it here.
const LAYERS = [
  ['main', 'post', 'push-main', 'cli', 'serve', 'cache-child', 'fill-worker'],
  ['demo'],
  ['demo-images', 'wire', 'interrupt'],
  ['pull', 'push', 'github', 'registry', 'store', 'engine', 'server', 'sources', 'images', 'archives', 'files'],
  ['ports', 'settings'],
  ['outcome'],
  ['oci'],
  ['tar'],
  ['errors', 'lib'],
];

// A package is imported in one place only; workers and entries stand on node: modules besides.
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  github: ['@actions/core', '@actions/tool-cache'],
  registry: [
    'smol-toml',
    'undici',
    'undici/lib/api/api-connect.js',
    'undici/lib/api/api-request.js',
    'undici/lib/dispatcher/dispatcher.js',
    'undici/lib/dispatcher/pool.js',
    'undici/lib/dispatcher/proxy-agent.js',
  ],
  tar: ['tar/header', 'tar/pax'],
  sources: ['picomatch', 'semver', 'tinyglobby', 'yaml'],
  oci: ['valibot'],
  cli: ['commander', 'log-update'],
  'cache-child': ['@actions/cache'],
};

// A credential helper is a program, and Docker's own word for it.
const FORBIDDEN_NAMES = /(?<!\/registry\/credential)[-/](utils?|helpers?|managers?|common|impl)(\.ts$|\/)|\/index\.ts$/;

const root = path.resolve(import.meta.dirname, '..');
const source = path.join(root, 'src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort();

const unitOf = (file: string) => path.relative(source, file).split(path.sep)[0]?.replace(/\.ts$/, '') ?? '';
const layerOf = (unit: string) => LAYERS.findIndex((units) => units.includes(unit));

/** Every module specifier of a file: static, type-only, re-exported and dynamic. */
function importsOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found = code.matchAll(/(?:\bfrom\s*|^\s*import\s*|\bimport\s*\(\s*)(['"])([^'"\n]+)\1/gm);
  return [...found].map((match) => match[2] ?? '');
}

describe.each(files)('src/%s', (name) => {
  const file = path.join(source, name);
  const unit = unitOf(file);
  const text = readFileSync(file, 'utf8');
  const imports = importsOf(text);

  test('belongs to a layer', () => {
    expect(layerOf(unit)).toBeGreaterThanOrEqual(0);
  });

  test('imports only what lies below it', () => {
    const local = imports.filter((to) => to.startsWith('.')).map((to) => unitOf(path.resolve(path.dirname(file), to)));
    expect(local.filter((to) => to !== unit && layerOf(to) <= layerOf(unit))).toEqual([]);
  });

  test('imports no package that lives elsewhere', () => {
    const packages = imports.filter((to) => !to.startsWith('.') && !to.startsWith('node:'));
    expect(packages.filter((to) => !(PACKAGES[unit] ?? []).includes(to))).toEqual([]);
  });

  test('has at most 250 lines, and a name that says what it holds', () => {
    expect(text.split('\n').length - 1).toBeLessThanOrEqual(250);
    expect(`/${name.replaceAll(path.sep, '/')}`).not.toMatch(FORBIDDEN_NAMES);
    expect(path.basename(name)).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/);
  });
});

describe('the code below the edge', () => {
  const below = files.filter(
    (name) =>
      ![
        'main.ts',
        'post.ts',
        'push-main.ts',
        'cli.ts',
        path.join('cli', 'program.ts'),
        'cache-child.ts',
        'demo.ts',
      ].includes(name) && !name.startsWith('github'),
  );

  test.each(below)('src/%s prints nothing and ends no process', (name) => {
    const text = readFileSync(path.join(source, name), 'utf8');
    expect(text).not.toMatch(/\bconsole\.|process\.(stdout|stderr|exit)\b/);
  });
});

describe('the tests', () => {
  const tests = readdirSync(path.join(root, '__tests__'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );

  test.each(tests)('%s mocks no module', (name) => {
    const text = readFileSync(path.join(root, '__tests__', name), 'utf8');
    expect(text.match(/\bjest\.(mock|spyOn)|unstable_mock[M]odule/g)).toBeNull();
  });
});
