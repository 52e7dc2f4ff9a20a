import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PullError } from '../../src/errors.ts';
import { parseReference } from '../../src/oci/reference.ts';
import type { AuthFile } from '../../src/registry/auth-files.ts';
import { createAskHelper } from '../../src/registry/credential-helper.ts';
import { type Credential, hostOf, serverKey } from '../../src/registry/credentials.ts';
import {
  type DecodedAuth,
  decodeAuth,
  parseAuthVariable,
  parseDockerConfig,
} from '../../src/registry/docker-config.ts';
import { vectors } from '../oci/vectors.ts';
import { openFinder } from '../support/credential-finder.ts';
import { type HelperPrograms, helperPrograms, keeps } from '../support/credential-helpers.ts';

type Answer = Readonly<Record<string, unknown>> | string | boolean | null | readonly string[];
interface Case {
  readonly kind: string;
  readonly id?: string;
  readonly config?: string | null;
  readonly image?: string;
  readonly key?: string;
  readonly input?: unknown;
  readonly env?: Readonly<Record<string, string>>;
  readonly expected: Answer;
  readonly note?: string;
  readonly source: string;
}

const HUB = 'https://index.docker.io/v1/';
let programs: HelperPrograms;

// What the programs of the vectors keep.
beforeAll(async () => {
  programs = await helperPrograms({
    store: keeps({
      [HUB]: ['hubuser', 'hubsecret'],
      'example.com': ['exuser', 'exsecret'],
      'tok.example.com': ['<token>', 'identity-token-1'],
    }),
    store2: keeps({ 'registry-1.docker.io': ['reg1user', 'reg1secret'] }),
    'ecr-login': keeps({ '123456789012.dkr.ecr.us-east-1.amazonaws.com': ['AWS', 'ecr-password'] }),
    gcloud: keeps({ 'gcr.io': ['_dcgcloud_token', 'ya29.token'] }),
    test: keeps({ 'testhost.example.com': ['hello', 'world'] }),
    teststore: keeps({ 'storehost.example.com': ['hello', 'world'] }),
    broken: 'echo "boom: keychain is locked"; exit 1',
    garbage: 'echo "this is no JSON"',
    silent: 'exit 1',
    empty: 'echo "{}"',
  });
});

afterAll(() => programs.remove());

/** Where we part from the answer, one by one: what ours is, and why. */
const OURS: Readonly<Record<string, readonly [answer: Answer, reason: string]>> = {
  'file trailing garbage: example.com/a': [
    { error: 1 },
    'text after the JSON is a fault of the file; Go stops reading',
  ],
  'file key in other case: example.com/a': ['anonymous', 'JSON names have one spelling; Go takes any case'],
  'file one bad entry beside a good one: example.com/a': [
    { username: 'user', password: 'pass' },
    'a bad entry says nothing about the registry of a good one',
  ],
  'Auth field username only: {"auth":"dXNlcm5hbWU6"}': ['anonymous', 'a name without a password opens no door'],
  'credhelper from registries.conf (from registries.conf or a credential given by the caller): registry-a.com': [
    'anonymous',
    'of registries.conf places are read, not programs; those are found through config.json and auth.json',
  ],
  'use system context (from registries.conf or a credential given by the caller): example.org': [
    { username: 'example', password: 'org' },
    'the case has no way to give a credential; that inputs go first is held in credentials.test.ts',
  ],
  'regclient: localhost:5001': [
    'nothing',
    'docker/cli asks credsStore for every registry and reads no entry beside it',
  ],
  'regclient: http.example.com': ['nothing', 'docker/cli takes keys of credHelpers as they stand: http://… is no host'],
};

const titleOf = ({ id, note, key, image, input, source }: Case): string => {
  const asked = image ?? key ?? (typeof input === 'string' ? input : JSON.stringify(input));
  return `${id ?? note ?? (source.startsWith('regclient') ? 'regclient' : source.split(' ').at(-1))}: ${asked}`;
};

const plain = ({ username, password, identityToken, registryToken }: DecodedAuth): Answer =>
  Object.fromEntries(
    Object.entries({ username, password, identitytoken: identityToken, registrytoken: registryToken }).filter(
      ([, value]) => value !== undefined,
    ),
  );

interface Found {
  readonly credential: Credential | undefined;
  readonly warnings: readonly string[];
}

async function look(
  { config, env = {} }: Pick<Case, 'config' | 'env'>,
  rules: AuthFile['rules'],
  name: { domain: string; path: string },
): Promise<Found> {
  const warnings: string[] = [];
  const attempt = (kind: AuthFile['rules'], parse: () => AuthFile['config']): AuthFile[] => {
    try {
      return [{ name: kind, rules: kind, config: parse() }];
    } catch (error) {
      if (!(error instanceof PullError)) throw error;
      if (kind === rules) warnings.push(error.message);
      return [];
    }
  };
  const variable = env.DOCKER_AUTH_CONFIG;
  const authFiles = [
    ...(variable === undefined ? [] : attempt('variable', () => parseAuthVariable(variable))),
    ...attempt(rules, () => parseDockerConfig(config ?? '')),
  ];
  const { signal } = new AbortController();
  const finder = openFinder({ authFiles, askHelper: createAskHelper({ environment: programs.environment, signal }) });
  const credential = await finder.find(name);
  return { credential, warnings: [...warnings, ...finder.warnings] };
}

function answerOf({ credential, warnings }: Found): Answer {
  if (credential) return plain(credential);
  return warnings.length > 0 ? { error: warnings[0] } : 'anonymous';
}

/** What is expected, as far as it is about credentials: of an error only that there is one. */
function comparable(answer: Answer): Answer {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return answer;
  const { serveraddress: _, ...rest } = answer as Record<string, unknown>;
  return 'error' in rest ? { error: 1 } : rest;
}

const parsed = (name: string) => {
  const slash = name.indexOf('/');
  return slash < 0 ? { domain: name, path: 'any' } : { domain: name.slice(0, slash), path: name.slice(slash + 1) };
};

/** Our answer to a case, by the rules of the file it is about. */
async function answer(one: Case): Promise<Answer> {
  const { kind, image, key = '', input, source } = one;
  if (image !== undefined) return answerOf(await look(one, 'docker', parseReference(image)));
  if (source.startsWith('regclient')) return programOf(await look(one, 'docker', parsed(key)));
  if (kind === 'asserted lookup') {
    const podman = /containers\/image|repository key|other repository/.test(`${source} ${one.note}`);
    return answerOf(await look(one, podman ? 'podman' : 'docker', parsed(key)));
  }
  if (kind === 'key to host') return hostOf(String(input));
  if (kind === 'host to key') return serverKey(String(input));
  if (kind === 'entry decode') return decodeEntry(typeof input === 'string' ? input : JSON.stringify(input));
  return SPECIAL[kind]?.(input as never) ?? `no answer to ${kind}`;
}

/** regclient's cases name the program, or the login, that is used. */
function programOf({ credential }: Found): Answer {
  if (!credential) return 'nothing';
  return credential.from?.startsWith('docker-') ? credential.from : `${credential.username}:${credential.password}`;
}

function decodeEntry(entry: string): Answer {
  try {
    const { e } = parseDockerConfig(`{"auths":{"e":${entry}}}`).auths;
    const decoded = decodeAuth(e ?? {});
    return decoded ? plain(decoded) : 'anonymous';
  } catch (error) {
    return { error };
  }
}

const ENTRY = { auth: Buffer.from('u:p').toString('base64') };
const finds = async (rules: AuthFile['rules'], key: string, name: string): Promise<boolean> => {
  const config = JSON.stringify({ auths: { [key]: ENTRY } });
  return (await look({ config }, rules, parsed(name))).credential !== undefined;
};

const HELPER_FILES: Readonly<Record<string, object>> = {
  'credHelpers_config.json': {
    credHelpers: { 'registry1.example.com': 'registry1-helper', 'registry3.example.com': '' },
  },
  'credsStore_config.json': { credsStore: 'teststore', credHelpers: { 'test.example.com': 'test-helper' } },
};

const SPECIAL: Readonly<Record<string, (input: never) => Promise<Answer>>> = {
  'which helper': async ({ file, server }: { file: string; server: string }) => {
    const config = parseDockerConfig(JSON.stringify(HELPER_FILES[file]));
    let asked: string | null = null;
    const finder = openFinder({
      authFiles: [{ name: 'file', rules: 'docker', config }],
      askHelper: async (name) => {
        asked = name;
        return undefined;
      },
    });
    await finder.find(parsed(server));
    return asked;
  },
  'credential of one registry used for another host:port': async (input: { registry: string; 'asked for': string }) => {
    const logins = [{ registry: input.registry, username: 'u', password: 'p' }];
    return (await openFinder({ logins }).find(parsed(input['asked for']))) !== undefined;
  },
  'docker login key readable by containers/image': (input: { 'docker login': string; 'asked for': string }) =>
    finds('podman', input['docker login'], input['asked for']),
  // Keys from the longest on, each of which is found.
  'lookup order (path-scoped keys)': async (name: string) => {
    const keys = ['quay.io/user/image', 'quay.io/user', 'quay.io', 'quay.io/other'];
    const found = await Promise.all(keys.map((key) => finds('podman', key, name)));
    return keys.filter((_, index) => found[index]);
  },
  'key is valid (containers/image)': (key: string) => finds('podman', key, key.replace(/@.*/, '')),
};

describe('what docker/cli and others find', () => {
  const cases = vectors<Case>('dockerconfig.json');
  const used = new Set<string>();
  for (const one of cases) {
    const title = titleOf(one);
    test(`${one.kind}: ${title}`, async () => {
      const [expected] = OURS[title] ?? [one.expected];
      if (OURS[title]) used.add(title);
      expect(comparable(await answer(one))).toEqual(comparable(expected));
    });
  }
  test('is what we find, but for the differences that are listed', () => {
    if (cases.length > 0) expect(Object.keys(OURS).filter((title) => !used.has(title))).toEqual([]);
    for (const one of cases.filter((each) => OURS[titleOf(each)]))
      expect(comparable(OURS[titleOf(one)]?.[0] ?? null)).not.toEqual(comparable(one.expected));
  });
});
