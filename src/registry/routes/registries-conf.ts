import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { clean } from '../../lib/clean.ts';
import { asArray, isRecord } from '../../lib/records.ts';
import { parseReference, type Repository } from '../../oci/reference.ts';
import { readToml, type Table, type Warn } from './toml.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Another place for what a prefix stands for. */
export interface MirrorRule {
  /** What stands there instead of the prefix. */
  readonly location: string;
  readonly insecure: boolean;
  /** Whether it may say what a tag points to. */
  readonly resolves: boolean;
}

/** What a `registries.conf` says of the names that begin with a prefix. */
export interface RegistryRule {
  /** `registry.corp:5000`, `docker.io/library`, `*.corp`. */
  readonly prefix: string;
  /** What stands there instead of it; empty if nothing does. */
  readonly location: string;
  /** A location that cannot be used, in its place. */
  readonly unusable?: string | undefined;
  readonly insecure: boolean;
  readonly blocked: boolean;
  readonly mirrors: readonly MirrorRule[];
  readonly file: string;
}

/** A line that begins a table or an array of them, in any way TOML has; aliases and lists of registries for short names are not ours. */
const WORTH = /^\s*(?:\[\[?\s*)?["']?registry["']?\s*[\].=]/m;
const SYSTEM = '/etc/containers';

/**
 * Every rule of the machine (containers-registries.conf(5), version 2): the user's file with its drop-ins if there is one, else the machine's, or what
 * CONTAINERS_REGISTRIES_CONF names, with the drop-ins of both. Of rules with one prefix the last read counts. What is odd is a warning. Never throws.
 */
export async function readRegistriesConf(
  environment: Environment,
  warn: Warn,
  system = SYSTEM,
): Promise<readonly RegistryRule[]> {
  const own = path.join(
    environment.XDG_CONFIG_HOME || path.join(environment.HOME || homedir(), '.config'),
    'containers',
  );
  const rules = new Map<string, RegistryRule>();
  for (const file of await filesOf(environment.CONTAINERS_REGISTRIES_CONF, own, system)) {
    const table = await readToml(file, warn, WORTH);
    for (const rule of table ? parseRules(table, file, warn) : []) rules.set(rule.prefix, rule);
  }
  return [...rules.values()];
}

/** In the order in which they are read. */
async function filesOf(named: string | undefined, own: string, system: string): Promise<readonly string[]> {
  const ownFile = path.join(own, 'registries.conf');
  const ownDropIns = await dropIns(path.join(own, 'registries.conf.d'));
  const isOwn = !named && (await stat(ownFile).catch(() => undefined));
  if (isOwn) return [ownFile, ...ownDropIns];
  return [
    named || path.join(system, 'registries.conf'),
    ...(await dropIns(path.join(system, 'registries.conf.d'))),
    ...ownDropIns,
  ];
}

async function dropIns(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.endsWith('.conf'))
    .sort()
    .map((name) => path.join(folder, name));
}

/** The rules of one file; one that cannot be understood is left out, with a warning. Never throws. */
export function parseRules(table: Table, file: string, warn: Warn): readonly RegistryRule[] {
  const found = table.registry;
  if (found !== undefined && !Array.isArray(found))
    warn(
      `${file}: registry: expected an array, [[registry]], found ${isRecord(found) ? '[registry], which is read as one' : shown(found)}`,
    );
  return (isRecord(found) ? [found] : asArray(found)).filter(isRecord).flatMap((entry) => {
    const location = locationOf(entry.location) ?? '';
    const prefix = locationOf(entry.prefix) ?? location;
    const isMoved = entry.location !== undefined && entry.location !== '' && location !== prefix;
    const unusable = isMoved && !isPlace(location) ? shown(entry.location) : undefined;
    const name = clean(prefix || JSON.stringify(entry.prefix ?? entry.location ?? ''), 200);
    if (prefix === '') {
      warn(
        `${file}: [[registry]] ${name}: expected a prefix or a location such as registry.corp:5000/team; it is left out`,
      );
      return [];
    }
    if (unusable !== undefined)
      warn(
        `${file}: [[registry]] ${name}: ${unusable} is no location such as registry.corp:5000/team; what begins with ${name} is not pulled`,
      );
    if (/\/.*[:@]/.test(prefix))
      warn(`${file}: [[registry]] ${name}: it is for one tag or digest alone, which is not looked at here`);
    const mirrors = asArray(entry.mirror)
      .filter(isRecord)
      .flatMap((mirror) => {
        const rule = mirrorOf(mirror, entry);
        if (!rule)
          warn(
            `${file}: [[registry.mirror]] of ${name}: expected a location such as registry.corp:5000/team, found ${shown(mirror.location)}; it is left out`,
          );
        return rule ? [rule] : [];
      });
    const [insecure, blocked] = [entry.insecure === true, entry.blocked === true];
    return [{ prefix, location: isMoved ? location : '', unusable, insecure, blocked, mirrors, file }];
  });
}

function mirrorOf(mirror: Table, entry: Table): MirrorRule | undefined {
  const location = locationOf(mirror.location);
  const digestsOnly = entry['mirror-by-digest-only'] === true || mirror['pull-from-mirror'] === 'digest-only';
  return location && isPlace(location)
    ? { location, insecure: mirror.insecure === true, resolves: !digestsOnly }
    : undefined;
}

const shown = (value: unknown): string => clean(JSON.stringify(value) ?? 'nothing', 200);

/** True if names that begin with it are those of a registry, and are written in full. */
const isPlace = (location: string): boolean => repositoryAt(`${location}/some/image`) !== undefined;

/** A full name as a repository; undefined if it is none, as where a file writes Docker Hub's names short. */
export function repositoryAt(name: string): Repository | undefined {
  try {
    const { domain, path: there } = parseReference(name);
    return name.replace(/^index\.docker\.io\//, 'docker.io/') === `${domain}/${there}`
      ? { domain, path: there }
      : undefined;
  } catch {
    return undefined;
  }
}

/** A host and perhaps a path, by itself or behind `*.`; undefined for anything else. */
function locationOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.replace(/\/+$/, '');
  return /^(?:\*\.)?[A-Za-z0-9[][^\s/]*(?:\/[^\s/]+)*$/.test(text) && !text.includes('://') ? text : undefined;
}

/**
 * The hosts that rules call insecure, as `insecure-registries` has them: with a port, that of the scheme where none is written, or `*.corp`. A rule for a part of a
 * host counts for all of it.
 */
export function insecureHosts(rules: readonly RegistryRule[]): readonly string[] {
  const places = rules.flatMap(({ prefix, location, insecure, mirrors }) => [
    ...(insecure ? [location || prefix] : []),
    ...mirrors.filter((mirror) => mirror.insecure).map((mirror) => mirror.location),
  ]);
  const hosts = places.map((place) => (place.split('/', 1)[0] ?? '').toLowerCase());
  return hosts.flatMap((host) =>
    /:\d+$/.test(host) || host.startsWith('*.') ? [host] : [`${host}:443`, `${host}:80`],
  );
}

/** The rule with the longest prefix of a full name, and the rest of the name behind it; undefined if there is none. */
export function ruleFor(
  rules: readonly RegistryRule[],
  name: string,
): { readonly rule: RegistryRule; readonly rest: string } | undefined {
  let found: { readonly rule: RegistryRule; readonly rest: string } | undefined;
  for (const rule of rules) {
    if (found && found.rule.prefix.length >= rule.prefix.length) continue;
    const rest = restOf(rule.prefix, name);
    if (rest !== undefined) found = { rule, rest };
  }
  return found;
}

function restOf(prefix: string, name: string): string | undefined {
  const slash = name.indexOf('/');
  const suffix = prefix.startsWith('*.') ? prefix.slice(1) : undefined;
  // With a wildcard any host that ends like this, whatever its port.
  const at = suffix === undefined ? 0 : name.slice(0, slash).indexOf(suffix);
  if (at < 0 || (suffix !== undefined && at === 0)) return undefined;
  if (suffix === undefined && !name.startsWith(prefix)) return undefined;
  const rest = name.slice(at + (suffix ?? prefix).length);
  return rest === '' || /^[:/@]/.test(rest) ? rest : undefined;
}
