import { symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { kindByContent, kindByName } from '../../src/sources/file-kind.ts';
import { discover } from '../../src/sources/files.ts';
import { workspaceAt } from '../../src/sources/workspace.ts';
import { workspaceWith } from '../support/workspace.ts';

let folder = '';
let dispose = async () => {};
afterEach(() => dispose());

async function made(files: Record<string, string>): Promise<void> {
  ({ folder, dispose } = await workspaceWith(files));
}

const find = (...patterns: string[]) =>
  discover(patterns, { workspace: workspaceAt(folder), environment: () => undefined });

const POD = 'apiVersion: v1\nkind: Pod\nspec: {containers: [{image: pod}]}';
const FILES = {
  'compose.yml': 'services: {a: {image: a}}',
  'compose.override.yml': 'services: {a: {image: b}}',
  Dockerfile: 'FROM docker',
  'deploy/app.yaml': POD,
  'deploy/values.yaml': 'replicas: 1',
  'deploy/chart.yaml': 'kind: Pod\n{{- if .Values.on }}\nspec: {{ .Values.spec }}\n{{- end }}',
  '.github/workflows/ci.yml': 'jobs: {x: {container: ci}}',
  'node_modules/x/Dockerfile': 'FROM no',
};

describe('files', () => {
  test('are found by paths and globs, each read once, in order', async () => {
    await made(FILES);
    const { images, files, mistakes } = await find(
      'Dockerfile',
      './compose.yml',
      path.join(folder, 'deploy/app.yaml'),
      '**/Dockerfile',
    );
    expect({ images: images.map(({ text, at }) => `${text} ${at}`), files, mistakes }).toEqual({
      images: ['docker Dockerfile:1', 'b compose.override.yml:1', 'pod deploy/app.yaml:3'],
      files: 3,
      mistakes: [],
    });
  });

  test('that a glob meets by chance are passed over, templates with a warning; hidden folders count, node_modules does not', async () => {
    await made(FILES);
    expect(await find('**/*', '!compose*')).toEqual({
      images: [
        { text: 'ci', at: '.github/workflows/ci.yml:1' },
        { text: 'docker', at: 'Dockerfile:1' },
        { text: 'pod', at: 'deploy/app.yaml:3' },
      ],
      warnings: [
        'deploy/chart.yaml:2 is a template, which only its own tool can read; render it first, as with helm template',
      ],
      left: [],
      mistakes: [],
      files: 4,
    });
  });

  test.each([
    [
      'missing.yml',
      /^files: missing\.yml: is not there, in \/.*\. Check out the repository first, or correct the path\.$/,
    ],
    ['*.toml', /^files: \*\.toml matches no file in \/.*; check out the repository first$/],
    ['../x.yml', /^files: \.\.\/x\.yml: lies outside of .*, and nothing outside is read$/],
    ['../*.yml', /^files: \.\.\/\*\.yml lies outside of \/.*, and nothing outside is read$/],
    ['./../**/*.yml', /^files: \.\/\.\.\/\*\*\/\*\.yml lies outside of /],
    ['/etc/*.conf', /^files: \/etc\/\*\.conf lies outside of /],
    ['/etc/passwd', /^files: .*etc\/passwd: lies outside of /],
    ['deploy', /^files: deploy: is a folder; name its files, as in folder\/\*\*\/\*\.yml$/],
    [
      'deploy/values.yaml',
      /^files: deploy\/values\.yaml: is neither a compose file \(services:\), nor a Kubernetes manifest/,
    ],
    ['broken.yml', /^files: broken\.yml:2: is not YAML: /],
    ['broken*', /^files: broken\.yml:2: is not YAML: /],
    ['out.yml', /^files: out\.yml: lies outside of /],
    ['bytes.yml', /^files: bytes\.yml: is not text in UTF-8$/],
  ])('%s is a mistake', async (pattern, mistake) => {
    await made({ ...FILES, 'broken.yml': 'a: 1\nb: [' });
    const other = await workspaceWith({ 'real.yml': 'services: {}' });
    await symlink(path.join(other.folder, 'real.yml'), path.join(folder, 'out.yml'));
    await writeFile(path.join(folder, 'bytes.yml'), Buffer.from([0xff, 0xfe, 0x80]));
    const { images, mistakes } = await find(pattern, 'Dockerfile');
    await other.dispose();
    expect(mistakes).toEqual([expect.stringMatching(mistake)]);
    expect(images).toEqual([{ text: 'docker', at: 'Dockerfile:1' }]);
  });
});

test.each([
  ['Dockerfile', 'dockerfile'],
  ['a/Dockerfile.dev', 'dockerfile'],
  ['web.dockerfile', 'dockerfile'],
  ['Containerfile', 'dockerfile'],
  ['Dockerfile.yml', undefined],
  ['compose.yaml', 'compose'],
  ['docker-compose.test.yml', 'compose'],
  ['x/compose-ci.yml', 'compose'],
  ['decompose.yml', undefined],
  ['.github/workflows/compose.yml', 'workflow'],
  ['app.yml', undefined],
  ['README.md', undefined],
])('%s is by its name: %s', (name, kind) => {
  expect(kindByName(name)).toBe(kind);
});

test.each<[unknown[], string | undefined]>([
  [[{ apiVersion: 'v1', kind: 'Pod' }], 'kubernetes'],
  [[null, { apiVersion: 'v1', kind: 'Pod' }], 'kubernetes'],
  [[{ jobs: {} }], 'workflow'],
  [[{ runs: {} }], 'workflow'],
  [[{ services: {} }], 'compose'],
  [[{ include: ['a'] }], 'compose'],
  [[{ services: [] }], undefined],
  [['text', [], 1], undefined],
])('%j is by its content: %s', (contents, kind) => {
  expect(kindByContent(contents)).toBe(kind);
});
