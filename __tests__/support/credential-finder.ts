import { type Code, PullError } from '../../src/errors.ts';
import { type CredentialSources, createFindCredential, type FindCredential } from '../../src/registry/credentials.ts';

/** Looks for credentials in the given sources, and remembers what was said on the way. */
export interface Finder {
  readonly find: FindCredential;
  readonly warnings: readonly string[];
  readonly secrets: readonly object[];
}

/** A finder over sources of which those not given are empty; with `failing` every program fails. */
export function openFinder({ failing, ...sources }: Partial<CredentialSources> & { failing?: Code }): Finder {
  const warnings: string[] = [];
  const secrets: object[] = [];
  const find = createFindCredential({
    logins: [],
    authFiles: [],
    githubToken: undefined,
    askHelper: async (name) => {
      if (failing) throw new PullError(failing, `docker-credential-${name}`, 'is not on the PATH');
      return undefined;
    },
    warn: (message) => warnings.push(message),
    onSecret: (secret) => secrets.push(secret),
    ...sources,
  });
  return { find, warnings, secrets };
}
