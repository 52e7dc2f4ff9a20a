import path from 'node:path';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { parseTexts } from '../lib/records.ts';
import { readHealthcheck } from './healthcheck.ts';
import { wordsOf } from './instruction-words.ts';

/** The member `config` of an image config (image-spec v1.1, config.md), with what Docker has besides. */
export interface ContainerConfig {
  readonly Cmd?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Env?: readonly string[];
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Healthcheck?: object;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly OnBuild?: readonly string[];
  readonly StopSignal?: string;
  readonly User?: string;
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly WorkingDir?: string;
}

const TAKEN = 'CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME or WORKDIR';

/** The config that Dockerfile instructions make, in their order, as `docker import --change` reads them. Throws INPUT_INVALID for what is none of these. */
export function configOf(changes: readonly string[], os: string): ContainerConfig {
  return changes.reduce<ContainerConfig>((config, change) => applyChange(config, change.trim(), os), {});
}

function applyChange(config: ContainerConfig, change: string, os: string): ContainerConfig {
  const [, keyword = '', rest = ''] = /^([A-Za-z]+)(?:\s+(.*))?$/s.exec(change) ?? [];
  const variables = Object.fromEntries((config.Env ?? []).map((each) => each.split(/=(.*)/s, 2)));
  const words = () => some(wordsOf(rest, variables), change);
  switch (keyword.toUpperCase()) {
    case 'CMD':
      return { ...config, Cmd: commandOf(rest, os) };
    case 'ENTRYPOINT':
      return { ...config, Entrypoint: commandOf(rest, os) };
    case 'ENV': {
      const set = pairsOf(rest, words(), variables, change);
      return { ...config, Env: Object.entries({ ...variables, ...set }).map((pair) => pair.join('=')) };
    }
    case 'EXPOSE':
      return {
        ...config,
        ExposedPorts: { ...config.ExposedPorts, ...keyed(words().flatMap((it) => ports(it, change))) },
      };
    case 'HEALTHCHECK':
      return { ...config, Healthcheck: readHealthcheck(rest, change) };
    case 'LABEL':
      return { ...config, Labels: { ...config.Labels, ...pairsOf(rest, words(), variables, change) } };
    case 'ONBUILD':
      if (rest === '' || /^(ONBUILD|FROM|MAINTAINER)\b/i.test(rest))
        throw odd(change, 'an instruction behind ONBUILD other than ONBUILD, FROM and MAINTAINER');
      return { ...config, OnBuild: [...(config.OnBuild ?? []), rest] };
    case 'STOPSIGNAL':
      return { ...config, StopSignal: one(words(), change) };
    case 'USER':
      return { ...config, User: one(words(), change) };
    case 'VOLUME':
      return { ...config, Volumes: { ...config.Volumes, ...keyed(some(listOf(rest) ?? words(), change)) } };
    case 'WORKDIR':
      return { ...config, WorkingDir: path.posix.resolve('/', config.WorkingDir ?? '', one(words(), change)) };
    default:
      throw odd(change, TAKEN);
  }
}

/** A JSON list of texts, if it is one; anything else is for a shell. */
function listOf(text: string): readonly string[] | undefined {
  return text.startsWith('[') ? parseTexts(text) : undefined;
}

function commandOf(text: string, os: string): readonly string[] {
  const list = listOf(text);
  if (list || text === '') return list ?? [];
  return os === 'windows' ? ['cmd', '/S', '/C', text] : ['/bin/sh', '-c', text];
}

/** `key=value` as often as one likes, or one key and all that follows it. */
function pairsOf(
  rest: string,
  words: readonly string[],
  variables: Readonly<Record<string, string>>,
  change: string,
): Readonly<Record<string, string>> {
  const [first = '', ...others] = words;
  if (!first.includes('=')) {
    if (others.length === 0) throw odd(change, 'a name and a value');
    const [, value = ''] = /^\S+\s+(.*)$/s.exec(rest) ?? [];
    return { [first]: /["'\\$]/.test(value) ? wordsOf(value, variables).join(' ') : value };
  }
  const pairs = words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] as const);
  if (words.some((word) => word.indexOf('=') < 1)) throw odd(change, 'name=value each time');
  return Object.fromEntries(pairs);
}

/** `80`, `53/udp` or `8000-8010`, each port as engines write it. */
function ports(text: string, change: string): readonly string[] {
  const [, first = '', last = first, protocol = 'tcp'] = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/i.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === '' || from < 1 || to > 65_535 || from > to)
    throw odd(change, 'ports from 1 to 65535, such as 80, 53/udp or 8000-8010');
  return Array.from({ length: to - from + 1 }, (_, at) => `${from + at}/${protocol.toLowerCase()}`);
}

const keyed = (keys: readonly string[]): Readonly<Record<string, object>> =>
  Object.fromEntries(keys.map((key) => [key, {}]));

function one(words: readonly string[], change: string): string {
  const [word = ''] = words;
  if (words.length !== 1) throw odd(change, 'one word');
  return word;
}

function some(words: readonly string[], change: string): readonly string[] {
  if (words.length === 0) throw odd(change, 'something behind the instruction');
  return words;
}

const odd = (change: string, expected: string): PullError =>
  new PullError('INPUT_INVALID', '--change', `expected ${expected}, found ${JSON.stringify(clean(change, 200))}`);
