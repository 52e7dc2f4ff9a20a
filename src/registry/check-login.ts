import type { Repository } from '../oci/reference.ts';
import type { Login } from '../settings.ts';
import { type ClientOptions, createClient } from './client.ts';
import { ANSWER_LIMIT } from './upload-session.ts';

/**
 * Whether a registry lets somebody in (`GET /v2/`, with a token where it wants one): `open` if it asks nobody who he is, so that nothing was proved. Throws UNAUTHORIZED, or
 * what keeps the registry from being asked.
 */
export async function checkLogin(
  { registry, username, password }: Login,
  options: Omit<ClientOptions, 'logins'>,
): Promise<'good' | 'open'> {
  const repository: Repository = { domain: registry, path: '' };
  const ask = async (logins: readonly Login[]) => {
    const client = createClient({ ...options, logins });
    try {
      const remote = client.open(repository, { name: registry, push: logins.length > 0, scope: '' });
      const at = new URL('/v2/', await client.network.locate(registry, registry));
      const answer = await remote.ask({ kind: 'login', at, target: registry, limit: ANSWER_LIMIT });
      if (answer.status === 200) return await answer.discard();
      throw await answer.failure();
    } finally {
      await client.network.close();
    }
  };
  await ask([{ registry, username, password }]);
  return ask([]).then(
    () => 'open',
    () => 'good',
  );
}
