import path from 'node:path';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { asArray, asRecord, isRecord } from '../lib/records.ts';
import { parseEnvFile } from './env-file.ts';
import { interpolate, type Lookup } from './interpolate.ts';
import type { Workspace } from './workspace.ts';
import { contentOf, type Path, parseDocuments, placeOf, tagAt, writtenAt, type YamlSource } from './yaml-source.ts';

/** A text of a compose file, variables and all, and where it stands. */
export interface Written {
  readonly text: string;
  readonly at: string;
  /** The variables of the project whose file it is in. */
  readonly lookup: Lookup;
  /** True for what YAML takes for a number or for true or false. */
  readonly isNoText?: boolean;
}

/** What a compose file says of a service, as far as pulling goes. */
export interface Service {
  readonly name: string;
  readonly at: string;
  readonly image?: Written | undefined;
  readonly platform?: Written | undefined;
  readonly pullPolicy?: Written | undefined;
  readonly isBuilt: boolean;
  readonly profiles: readonly Written[];
  /** What it takes from the service below it: with `!reset` as if it had never been there, with `!override` in favour of its own. */
  readonly takesBack: ReadonlySet<string>;
  readonly extends?: Base | undefined;
}

/** The service another one builds upon, and where it says so. */
interface Base {
  readonly service: string;
  /** Relative to the file it stands in; absent for that file itself. */
  readonly file: string | undefined;
  readonly at: string;
}

/** A compose file as it is written: nothing merged, nothing extended, no variable resolved. */
export interface ComposeFile {
  readonly file: string;
  /** Undefined for one that is taken back with `!reset`. */
  readonly services: ReadonlyMap<string, Service | undefined>;
  readonly includes: readonly Include[];
  readonly lookup: Lookup;
}

/** An entry of `include`: several paths are one project, later ones on top. */
export interface Include {
  readonly paths: readonly string[];
  readonly at: string;
  /** Relative to the root, like the paths. */
  readonly folder: string | undefined;
  readonly envFiles: readonly string[];
}

/** The variables of a project: the environment first, then its `.env` files, the first file first. */
export async function projectLookup(
  envFiles: readonly string[],
  environment: Lookup,
  workspace: Workspace,
): Promise<Lookup> {
  const found: ReadonlyMap<string, string>[] = [];
  for (const file of envFiles) found.push(parseEnvFile((await workspace.read(file)) ?? '', environment));
  return (name) => environment(name) ?? found.find((variables) => variables.has(name))?.get(name);
}

/** A compose file out of its text; throws INPUT_INVALID with file and line for what is no YAML or no compose file. */
export function parseComposeFile(file: string, text: string, lookup: Lookup): ComposeFile {
  const [source] = parseDocuments(file, text);
  const content = source && contentOf(source);
  if (!source || !isRecord(content))
    throw new PullError('INPUT_INVALID', file, 'expected a compose file, found no mapping');
  const { services = {}, include = [] } = content;
  if (services !== null && !isRecord(services)) {
    throw new PullError('INPUT_INVALID', placeOf(source, ['services']), 'expected a mapping of services');
  }
  const read = Object.entries(services ?? {}).map(
    ([name, service]) => [name, readService(name, service, source, lookup)] as const,
  );
  const includes = asArray(include).map((entry, position) =>
    readInclude(entry, placeOf(source, ['include', position]), path.posix.dirname(file)),
  );
  return { file, services: new Map(read), includes, lookup };
}

function readService(name: string, value: unknown, source: YamlSource, lookup: Lookup): Service | undefined {
  const tagOf = (...keys: Path) => tagAt(source, ['services', name, ...keys]);
  if (tagOf() === RESET) return undefined;
  const at = placeOf(source, ['services', name]);
  const given = Object.entries(asRecord(value));
  const service = Object.fromEntries(given.filter(([key]) => tagOf(key) !== RESET));
  const written = (...keys: Path): Written | undefined => {
    const found = keys.reduce<unknown>((within, key) => (within as Record<string, unknown> | null)?.[key], service);
    if (!['string', 'number', 'boolean'].includes(typeof found)) return undefined;
    const path = ['services', name, ...keys];
    const at = placeOf(source, path);
    if (typeof found === 'string') return { text: found, at, lookup };
    return { text: writtenAt(source, path) ?? String(found), at, lookup, isNoText: true };
  };
  const profiles = asArray(service.profiles);
  return {
    name,
    at,
    image: written('image'),
    platform: written('platform'),
    pullPolicy: written('pull_policy'),
    isBuilt: service.build !== undefined && service.build !== null,
    profiles: profiles.flatMap((_, position) => written('profiles', position) ?? []),
    takesBack: new Set(given.map(([key]) => key).filter((key) => [RESET, OVERRIDE].includes(tagOf(key) ?? ''))),
    extends: readBase(service.extends, placeOf(source, ['services', name, 'extends']), lookup),
  };
}

/** The tags of a merge (compose-spec, "Merge"). */
const RESET = '!reset';
const OVERRIDE = '!override';

function readBase(value: unknown, at: string, lookup: Lookup): Base | undefined {
  const { service, file } = isRecord(value) ? value : { service: value, file: undefined };
  if (!isRecord(value) && typeof value !== 'string') return undefined;
  const resolved = (text: unknown): string => {
    const result = interpolate(String(text), lookup);
    if ('text' in result) return result.text;
    throw new PullError('INPUT_INVALID', at, clean(`${text} ${result.reason}`, 400));
  };
  return { service: resolved(service ?? ''), file: file === undefined ? undefined : resolved(file), at };
}

function readInclude(entry: unknown, at: string, folder: string): Include {
  const { path: paths = entry, project_directory: directory, env_file: envFile = [] } = asRecord(entry);
  const list = (value: unknown) =>
    (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string').map(String);
  return {
    paths: list(paths),
    at,
    folder: typeof directory === 'string' ? path.posix.join(folder, directory) : undefined,
    envFiles: list(envFile).map((file) => path.posix.join(folder, file)),
  };
}
