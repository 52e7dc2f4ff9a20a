import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { isRecord } from '../lib/records.ts';
import type { Reader } from './reader.ts';

/** One login to one registry, as docker/login-action takes it. */
export interface Login {
  readonly registry: string;
  readonly username: string;
  readonly password: string;
  /** The repository, or the path above several, that it is for; absent for all of the registry. */
  readonly scope?: string | undefined;
}

/** Reads YAML whose scalars are texts; throws INPUT_INVALID without a word of the text. */
export type ReadYaml = (text: string, subject: string) => unknown;

/** The logins of the inputs, and what is worth a notice about them. */
export interface Logins {
  readonly logins: readonly Login[];
  readonly notices: readonly string[];
}

const FIELDS = ['registry', 'username', 'password', 'scope', 'ecr'] as const;
type Entry = Readonly<Partial<Record<(typeof FIELDS)[number], string>>>;

/** `registry`, `username` and `password`, or the list of `registry-auth`; a login without a password is left out, with a notice. */
export function readLogins(read: Reader, readYaml: ReadYaml): Logins {
  const single: Entry = {
    registry: read.text('registry') ?? '',
    username: read.text('username') ?? '',
    password: read.text('password') ?? '',
  };
  const asked = Object.values(single).some((text) => text !== '');
  const list = read.text('registry-auth');
  if (list === undefined) return asked ? collect([{ entry: single, at: '' }], read) : { logins: [], notices: [] };
  if (asked) {
    read.mistakes.push('registry-auth: stands alone; move the login of registry, username and password into its list');
  }
  return collect(entriesOf(list, read, readYaml), read);
}

interface Placed {
  readonly entry: Entry;
  /** Where it stands, to begin a mistake with. */
  readonly at: string;
}

function collect(entries: readonly Placed[], read: Reader): Logins {
  const logins: Login[] = [];
  const notices: string[] = [];
  for (const { entry, at } of entries) {
    const { registry = '', username = '', password = '', scope = '', ecr = '' } = entry;
    const name = registry || 'docker.io';
    if (/^true$/i.test(ecr)) {
      read.mistakes.push(
        `${at}ecr: keys of AWS are no login; run aws-actions/amazon-ecr-login before, its login is found`,
      );
    } else if (password === '') {
      notices.push(
        `No password for ${clean(name, 200)} (a pull request from a fork has no secrets): this login is left out.`,
      );
    } else if (username === '') {
      read.mistakes.push(`${at}username: is empty, but password is set; give both, or neither`);
    } else if (takesPulls(scope)) {
      logins.push({ registry: name, username, password, ...(pathOf(scope) === '' ? {} : { scope: pathOf(scope) }) });
    }
  }
  return { logins, notices };
}

/** A scope is a path and, after `@`, what may be done there: `org/app@pull,push`. */
const pathOf = (scope: string): string => (scope.split('@', 1)[0] ?? '').replace(/^\/+|\/+$/g, '');
const takesPulls = (scope: string): boolean => !scope.includes('@') || /@(.*,)?pull(,|$)/.test(scope);

function entriesOf(text: string, read: Reader, readYaml: ReadYaml): Placed[] {
  let value: unknown;
  try {
    value = readYaml(text, 'registry-auth');
  } catch (error) {
    if (!(error instanceof PullError)) throw error;
    read.mistakes.push(`${error.message}. ${error.hint ?? ''}`.trim());
    return [];
  }
  if (!Array.isArray(value) || value.length === 0) {
    read.mistakes.push('registry-auth: expected a YAML list of logins, each with registry, username and password');
    return [];
  }
  return value.flatMap((item, index) => {
    const at = `registry-auth: login ${index + 1}: `;
    const entry = entryOf(item);
    if (typeof entry === 'object') return [{ entry, at }];
    read.mistakes.push(`${at}${entry}`);
    return [];
  });
}

/** The entry, or what is wrong with it; a name that is not known may be half a password, so it is not repeated. */
function entryOf(item: unknown): Entry | string {
  if (!isRecord(item)) return `expected ${FIELDS.slice(0, 3).join(', ')}`;
  const known: readonly string[] = FIELDS;
  for (const [name, value] of Object.entries(item)) {
    if (!known.includes(name)) return `has a field that is none of ${FIELDS.join(', ')}`;
    if (typeof value !== 'string') return `${name}: expected a text`;
  }
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, String(value).trim()]));
}
