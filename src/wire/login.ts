import { checkLogin } from '../registry/check-login.ts';
import { createKeepHelper } from '../registry/credential-helper.ts';
import { loginDomain, serverKey } from '../registry/credentials.ts';
import { dropLogin, type Kept, loginFile, saveLogin } from '../registry/login-file.ts';
import { type Search, type SearchResult, searchIndex } from '../registry/search.ts';
import type { Login } from '../settings.ts';
import { USER_AGENT, type World } from '../wire.ts';

type Environment = World['environment'];

/** Asks the registry about the login, and only then keeps it where Docker would. */
export async function loginAt(
  login: Login,
  insecureRegistries: readonly string[],
  environment: Environment,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<{ readonly checked: 'good' | 'open'; readonly kept: Kept }> {
  const registry = loginDomain(login.registry);
  const options = { userAgent: USER_AGENT, signal, environment, insecureRegistries, report: remarks(say) };
  const checked = await checkLogin({ ...login, registry }, options);
  const helpers = createKeepHelper({ environment, signal });
  return { checked, kept: await saveLogin(loginFile(environment), registry, login, helpers) };
}

/** Forgets the login of a registry; `server` is what Docker calls it. */
export async function logoutAt(
  registry: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<{ readonly server: string; readonly dropped: boolean }> {
  const domain = loginDomain(registry);
  const dropped = await dropLogin(loginFile(environment), domain, createKeepHelper({ environment, signal }));
  return { server: serverKey(domain), dropped };
}

/** What Docker Hub finds. */
export function searchHub(
  search: Search,
  environment: Environment,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<readonly SearchResult[]> {
  return searchIndex(search, { userAgent: USER_AGENT, signal, environment, report: remarks(say) });
}

const remarks =
  (say: (line: string) => void): World['report'] =>
  (event) => {
    if (event.type === 'warning') say(`warning: ${event.message}`);
    if (event.type === 'retry') say(`Retrying ${event.subject}: ${event.reason}`);
  };
