import { PullError } from '../errors.ts';
import type { Login } from '../settings.ts';
import type { AuthEntry, DockerConfig } from './docker-config.ts';

/** Who to be at one registry. */
export interface Credential {
  readonly username: string;
  readonly password: string;
  /** True if nobody asked for it: where it is refused, the request goes on without. */
  readonly optional?: boolean;
}

/** Everywhere credentials may come from, nearest first. */
export interface CredentialSources {
  readonly logins: readonly Login[];
  readonly dockerConfig: DockerConfig | undefined;
  readonly githubToken: string | undefined;
}

const HUB = 'docker.io';
const HUB_KEY = 'https://index.docker.io/v1/';
const HUB_HOSTS = new Set([HUB, 'index.docker.io', 'registry-1.docker.io', '']);

/**
 * The credential for a registry: of the logins (the last one for it wins, one without a password counts as none), then of Docker's file by the rules
 * of docker/cli, then for ghcr.io the token of the job; undefined is anonymous. Throws INPUT_INVALID if Docker's entry cannot be decoded.
 */
export function credentialFor(domain: string, sources: CredentialSources): Credential | undefined {
  const login = sources.logins.findLast(
    ({ registry, password }) => password !== '' && loginDomain(registry) === domain,
  );
  if (login) return { username: login.username, password: login.password };
  const filed = sources.dockerConfig && fromDockerConfig(domain, sources.dockerConfig);
  if (filed) return filed;
  const { githubToken } = sources;
  return domain === 'ghcr.io' && githubToken
    ? { username: 'x-access-token', password: githubToken, optional: true }
    : undefined;
}

/** The domain a `registry` input means: without scheme and path, Docker Hub under any of its names as `docker.io`. */
export function loginDomain(registry: string): string {
  const host = hostOf(registry.trim()).toLowerCase();
  return HUB_HOSTS.has(host) ? HUB : host;
}

/**
 * docker/cli looks for the registry's own key (for Docker Hub a URL), then for any key with the same host. A credential store or helper takes the
 * place of the entries: those programs are not asked here, so the registry counts as anonymous.
 */
function fromDockerConfig(domain: string, config: DockerConfig): Credential | undefined {
  const key = domain === HUB ? HUB_KEY : domain;
  if (config.credsStore || Object.hasOwn(config.credHelpers, key)) return undefined;
  const match = Object.hasOwn(config.auths, key)
    ? key
    : Object.keys(config.auths).find((candidate) => hostOf(candidate) === key);
  const entry = match === undefined ? undefined : config.auths[match];
  return entry && decode(entry, domain);
}

/** Without a password an entry holds a token of another kind, or nothing. */
function decode({ auth, username, password }: AuthEntry, domain: string): Credential | undefined {
  if (!auth) return username && password ? { username, password } : undefined;
  const malformed = (reason: string) =>
    new PullError('INPUT_INVALID', domain, `its entry in Docker's config.json ${reason}`, {
      hint: `Log in to ${domain} again.`,
    });
  const base64 = auth.replace(/[\r\n]/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64))
    throw malformed('is not base64');
  const text = Buffer.from(base64, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) throw malformed('is not a name and a password');
  const secret = text.slice(colon + 1).replace(/^\0+|\0+$/g, '');
  return secret === '' ? undefined : { username: text.slice(0, colon), password: secret };
}

function hostOf(key: string): string {
  return key.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\//, '').split('/', 1)[0] ?? '';
}
