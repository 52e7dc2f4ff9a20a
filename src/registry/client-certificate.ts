import { createPrivateKey } from 'node:crypto';
import path from 'node:path';
import { createSecureContext } from 'node:tls';

/** The certificate of a client and its key as PEM texts, each with the file it is from. */
export interface ClientFiles {
  readonly cert: string;
  readonly certFile: string;
  readonly key: string;
  readonly keyFile: string;
}

/** Which of the files keeps TLS from being spoken with them, and why, without a word of what is in it; undefined if none does. */
export function clientProblem(files: ClientFiles): { readonly file: string; readonly reason: string } | undefined {
  const { cert, certFile, key, keyFile } = files;
  // An empty one would count as none.
  if (cert.trim() !== '' && failure(() => createSecureContext({ cert, key })) === undefined) return undefined;
  const badCert = failure(() => createSecureContext({ cert: cert || ' ' }));
  if (badCert)
    return { file: certFile, reason: `expected a certificate in PEM that TLS can use, found none (${badCert})` };
  const badKey = failure(() => createPrivateKey(key));
  if (badKey)
    return { file: keyFile, reason: `expected a private key in PEM without a passphrase, found none (${badKey})` };
  return { file: keyFile, reason: `expected the private key of ${path.basename(certFile)}, found another` };
}

/** The code of OpenSSL's. */
function failure(task: () => unknown): string | undefined {
  try {
    task();
    return undefined;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code ?? 'not understood');
  }
}
