/** What a token allows: scopes to read from, in order, and the one to write to. */
export interface Scopes {
  readonly read: readonly string[];
  readonly write?: string | undefined;
}

/** A token as text, `read=main,pr-1;write=pr-1`; without `write` it is read-only, without `read` it reads nothing. */
export function tokenFor({ read, write }: Scopes): string {
  return (
    [...(read.length > 0 ? [`read=${read.join(',')}`] : []), ...(write ? [`write=${write}`] : [])].join(';') || 'none'
  );
}

/** Undefined if it is no token of ours. */
export function scopesOf(token: string): Scopes | undefined {
  if (token === 'none') return { read: [] };
  const parts = new Map(token.split(';').map((part) => part.split('=') as [string, string]));
  if (!parts.has('read') && !parts.has('write')) return undefined;
  return { read: parts.get('read')?.split(',') ?? [], write: parts.get('write') };
}

export interface Entry {
  readonly id: number;
  readonly scope: string;
  readonly key: string;
  readonly version: string;
  /** True once the upload was finalized: only then others can see it. */
  ready: boolean;
}

/** The entries of a repository: immutable, seen through scopes, matched by prefix, the newest first. */
export class Entries {
  readonly all: Entry[] = [];

  /** A new entry nobody sees yet; undefined if there is one with the same scope, key and version, finished or not. */
  reserve(scope: string, key: string, version: string): Entry | undefined {
    const same = this.all.some((entry) => entry.scope === scope && entry.key === key && entry.version === version);
    if (same) return undefined;
    const entry = { id: this.all.length + 1, scope, key, version, ready: false };
    this.all.push(entry);
    return entry;
  }

  reserved(scope: string, key: string, version: string): Entry | undefined {
    return this.all.find(
      (entry) => entry.scope === scope && entry.key === key && entry.version === version && !entry.ready,
    );
  }

  /** Scope by scope: the key itself, else the newest that begins with it, then the same for each further key. */
  find(scopes: readonly string[], keys: readonly string[], version: string): Entry | undefined {
    for (const scope of scopes) {
      const newestFirst = this.all
        .filter((entry) => entry.ready && entry.scope === scope && entry.version === version)
        .reverse();
      for (const key of keys) {
        const found =
          newestFirst.find((entry) => entry.key === key) ?? newestFirst.find((entry) => entry.key.startsWith(key));
        if (found) return found;
      }
    }
    return undefined;
  }
}
