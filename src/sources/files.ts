import path from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import type { FoundImage } from '../settings/found.ts';
import { type ComposeWorld, overrideNames, readCompose } from './compose.ts';
import { readDockerfile } from './dockerfile.ts';
import { kindByContent, kindByName } from './file-kind.ts';
import type { FileReading } from './file-reading.ts';
import { readKubernetes } from './kubernetes.ts';
import { readWorkflow } from './workflow.ts';
import { contentOf, parseDocuments } from './yaml-source.ts';

/** What all files together say. */
export interface Discovery extends FileReading {
  /** What is wrong with the input, a line each. */
  readonly mistakes: readonly string[];
  /** How many files were read. */
  readonly files: number;
}

interface Named {
  readonly file: string;
  /** True if it was named in full, so that it must be there and be of use. */
  readonly isNamed: boolean;
}

/**
 * The images in the files that paths and globs name, relative to the workspace; `!` takes away, `node_modules` and `.git` are never looked into. A path that is not
 * there, a glob that matches nothing and a file that does not parse are mistakes; a file that a glob met by chance and that is none of the known kinds is passed over.
 */
export async function discover(patterns: readonly string[], world: ComposeWorld): Promise<Discovery> {
  const mistakes: string[] = [];
  const named = await filesOf(patterns, world, mistakes);
  const overrides = new Set(named.flatMap(({ file }) => overrideNames(file)));
  const parts: FileReading[] = [];
  for (const each of named.filter(({ file }) => !overrides.has(file))) {
    try {
      const part = await readFile(each, world);
      if (part) parts.push(part);
    } catch (error) {
      if (!(error instanceof PullError)) throw error;
      mistakes.push(`files: ${error.message}${error.hint === undefined ? '' : `. ${error.hint}`}`);
    }
  }
  return {
    images: distinct(parts.flatMap(({ images }) => images)),
    warnings: [...new Set(parts.flatMap(({ warnings }) => warnings))],
    left: [...new Set(parts.flatMap(({ left }) => left))],
    mistakes,
    files: parts.length,
  };
}

/** What a compose file includes may be named itself. */
const distinct = (images: readonly FoundImage[]): readonly FoundImage[] => [
  ...new Map(images.map((image) => [`${image.at} ${image.text} ${image.platform ?? ''}`, image])).values(),
];

async function filesOf(
  patterns: readonly string[],
  { workspace: { root } }: ComposeWorld,
  mistakes: string[],
): Promise<readonly Named[]> {
  const texts = patterns.map((pattern) => pattern.replaceAll('\\', '/'));
  const ignore = ['**/node_modules/**', '**/.git/**', ...texts.filter((it) => it[0] === '!').map((it) => it.slice(1))];
  const found = new Map<string, Named>();
  for (const text of texts.filter((it) => it[0] !== '!')) {
    if (!isDynamicPattern(text)) {
      const file = path.posix.normalize(relative(root, text));
      found.set(file, { file, isNamed: true });
      continue;
    }
    const options = { cwd: root, dot: true, expandDirectories: false, followSymbolicLinks: false, onlyFiles: true };
    const pattern = relative(root, text);
    if (pattern.startsWith('../')) {
      mistakes.push(`files: ${clean(text, 300)} lies outside of ${root}, and nothing outside is read`);
      continue;
    }
    const files = await glob(pattern, { ...options, ignore });
    if (files.length === 0)
      mistakes.push(`files: ${clean(text, 300)} matches no file in ${root}; check out the repository first`);
    for (const file of files.sort()) if (!found.has(file)) found.set(file, { file, isNamed: false });
  }
  return [...found.values()];
}

const relative = (root: string, text: string): string =>
  path.isAbsolute(text) ? path.relative(root, text).replaceAll('\\', '/') : text.replace(/^(?:\.\/)+/, '');

async function readFile({ file, isNamed }: Named, world: ComposeWorld): Promise<FileReading | undefined> {
  const text = await world.workspace.read(file);
  if (text === undefined) {
    const hint = 'Check out the repository first, or correct the path.';
    throw new PullError('INPUT_INVALID', clean(file, 300), `is not there, in ${world.workspace.root}`, { hint });
  }
  const kind = kindByName(file);
  if (kind === 'dockerfile') return readDockerfile(file, text);
  if (kind === undefined && !/\.(?:ya?ml|json)$/i.test(file)) return unknown(file, isNamed);
  const template = kind === 'workflow' ? undefined : templateLine(text);
  try {
    const documents = parseDocuments(file, text);
    switch (kind ?? kindByContent(documents.map(contentOf))) {
      case 'compose':
        return await readCompose(file, world);
      case 'kubernetes':
        return readKubernetes(documents);
      case 'workflow':
        return documents[0] && readWorkflow(documents[0]);
      default:
        return unknown(file, isNamed);
    }
  } catch (error) {
    if (template === undefined || !(error instanceof PullError)) throw error;
    const why = 'is a template, which only its own tool can read; render it first, as with helm template';
    return { images: [], left: [], warnings: [`${clean(file, 300)}:${template} ${why}`] };
  }
}

/** The first line that a template language is to replace; undefined if there is none. */
function templateLine(text: string): number | undefined {
  const at = text.search(/\{\{|\{%|<%/);
  return at < 0 ? undefined : text.slice(0, at).split('\n').length;
}

function unknown(file: string, isNamed: boolean): undefined {
  if (!isNamed) return undefined;
  const reason =
    'is neither a compose file (services:), nor a Kubernetes manifest (apiVersion: and kind:), nor a workflow (jobs:); a Dockerfile is known by its name';
  throw new PullError('INPUT_INVALID', clean(file, 300), reason);
}
