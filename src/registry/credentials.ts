import { PullError } from '../errors.ts';
import { once } from '../lib/pool.ts';
import type { Repository } from '../oci/reference.ts';
import type { Login } from '../settings.ts';
import type { AuthFile } from './auth-files.ts';
import type { AskHelper } from './credential-helper.ts';
import { type DecodedAuth, decodeAuth } from './docker-config.ts';

/** Who to be at one registry: a name with a password, or a token that stands for both. */
export interface Credential extends DecodedAuth {
  /** Where it was found, for people: `the inputs`, a file, a program. */
  readonly from?: string | undefined;
  /** True if nobody asked for it: where it is refused, the request goes on without a word. */
  readonly optional?: boolean | undefined;
}

/** Everywhere credentials may come from, nearest first. */
export interface CredentialSources {
  readonly logins: readonly Login[];
  readonly authFiles: readonly AuthFile[];
  readonly askHelper: AskHelper;
  readonly githubToken: string | undefined;
  readonly warn: (message: string) => void;
  /** Told of each secret that did not come from the inputs, before it is used; the name is empty beside a token. */
  readonly onSecret: (secret: { readonly username: string; readonly password: string }) => void;
}

/** The credential for a repository; undefined is anonymous. What cannot be read is a warning, once, and counts as absent. Throws CANCELLED alone. */
export type FindCredential = (repository: Repository) => Promise<Credential | undefined>;

const HUB = 'docker.io';
const HUB_KEY = 'https://index.docker.io/v1/';
const HUB_HOSTS = new Set([HUB, 'index.docker.io', 'registry-1.docker.io', '']);

/**
 * Looks in the logins first (the narrowest scope wins, then the last one), then in each file by the rules of whoever wrote it, then for ghcr.io at the token of
 * the job. A program that keeps credentials is asked once for a registry, and where Docker would ask it no entry of the file counts.
 */
export function createFindCredential(sources: CredentialSources): FindCredential {
  const { logins, authFiles, githubToken } = sources;
  const files = authFiles.map((file) => inFile(file, sources));
  const found = once<Credential | undefined>();
  const find: FindCredential = async (repository) => {
    const login = loginFor(repository, logins);
    if (login) return login;
    for (const look of files) {
      const credential = await look(repository);
      if (credential) return credential;
    }
    return repository.domain === 'ghcr.io' && githubToken
      ? { username: 'x-access-token', password: githubToken, from: 'github-token', optional: true }
      : undefined;
  };
  return (repository) => found(`${repository.domain}/${repository.path}`, () => find(repository));
}

/** The domain a `registry` input means: without scheme and path, Docker Hub under any of its names as `docker.io`. */
export function loginDomain(registry: string): string {
  const host = hostOf(registry.trim()).toLowerCase();
  return HUB_HOSTS.has(host) ? HUB : host;
}

/** What an error calls a login: its user name, if it has one. */
export function loginName({ username }: Credential): string {
  if (username === undefined) return 'a stored token';
  return TOKEN.test(username) ? 'a token in place of a user name' : username;
}

/** Tokens that GitHub, GitLab and Docker let people give as a user, JSON Web Tokens, and what nobody would be called. */
const TOKEN = /^(?:gh[pousr]_|github_pat_|gl[a-z]{2,4}-|dckr_|eyJ)|^(?=.*\d)(?=.*[A-Za-z])\w{32,}$/;

/** `https://index.docker.io/v1/` for Docker Hub, else the host itself: how Docker's files and programs call a registry. */
export function serverKey(domain: string): string {
  return domain === HUB ? HUB_KEY : domain;
}

/** The host of a key such as `https://ghcr.io/v2/`, as docker/cli reads it. */
export function hostOf(key: string): string {
  return key.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\//, '').split('/', 1)[0] ?? '';
}

function loginFor({ domain, path }: Repository, logins: readonly Login[]): Credential | undefined {
  const covers = ({ scope }: Login) => scope === undefined || path === scope || path.startsWith(`${scope}/`);
  const width = ({ scope = '' }: Login) => scope.length;
  const [login] = logins
    .filter((one) => one.password !== '' && loginDomain(one.registry) === domain && covers(one))
    .reverse()
    .sort((one, other) => width(other) - width(one));
  return login && { username: login.username, password: login.password, from: 'the inputs' };
}

function inFile({ name, rules, config }: AuthFile, sources: CredentialSources): FindCredential {
  const asked = once<Credential | undefined>();
  const told = new Set<string>();
  const reveal = (decoded: DecodedAuth | undefined, from: string): Credential | undefined => {
    const { username = '', password, identityToken, registryToken } = decoded ?? {};
    for (const secret of [password, identityToken, registryToken]) {
      if (secret && !told.has(secret))
        sources.onSecret({ username: secret === password ? username : '', password: secret });
      told.add(secret ?? '');
    }
    return decoded && { ...decoded, from };
  };
  const careful = async (look: () => Promise<Credential | undefined>): Promise<Credential | undefined> => {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof PullError) || error.code === 'CANCELLED') throw error;
      sources.warn(`credentials are not read: ${error.message}`);
      return undefined;
    }
  };
  return async ({ domain, path }) => {
    const server = rules === 'podman' ? domain : serverKey(domain);
    const helper = own(config.credHelpers, server) || (rules === 'docker' ? config.credsStore : undefined);
    if (helper) {
      const ask = async () => reveal(await sources.askHelper(helper, server), `docker-credential-${helper}`);
      return asked(server, () => careful(ask));
    }
    const key = KEYS[rules](Object.keys(config.auths), domain, path);
    const entry = key === undefined ? undefined : own(config.auths, key);
    if (key === undefined || entry === undefined) return undefined;
    return asked(`auths ${key}`, () => careful(async () => reveal(decodeAuth(entry, `${name}: ${key}`), name)));
  };
}

type ChooseKey = (keys: readonly string[], domain: string, path: string) => string | undefined;

/** Which entry of `auths` is for a repository. */
const KEYS: Readonly<Record<AuthFile['rules'], ChooseKey>> = {
  variable: (keys, domain) => keys.find((key) => key === serverKey(domain)),
  /** The registry's own key (for Docker Hub a URL), else any key with the same host. */
  docker: (keys, domain) => {
    const server = serverKey(domain);
    return keys.find((key) => key === server) ?? keys.find((key) => hostOf(key) === server);
  },
  /** containers-auth.json(5): the longest prefix of the name, else a key in the form Docker writes, for Docker Hub under any of its names. */
  podman: (keys, domain, path) => {
    const parts = path.split('/');
    const prefixes = parts.map((_, index) => [domain, ...parts.slice(0, parts.length - index)].join('/'));
    const exact = [...prefixes, domain].find((prefix) => keys.includes(prefix));
    return exact ?? keys.find((key) => isHostKey(key) && loginDomain(key) === loginDomain(domain));
  },
};

/** A key for a whole registry, in the forms of old: `https://host/v1/`. */
function isHostKey(key: string): boolean {
  return /^(?:https?:\/\/)?[^/]+(?:\/v[12])?\/?$/.test(key);
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
