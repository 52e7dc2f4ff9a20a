/**
 * Scopes put together as a token server takes them, one a resource (distribution, "Token Scope Documentation"): those demanded first, since some servers read
 * the first alone, each resource once with the actions of both. What is no scope of that form (`*`) stands as it is, once.
 */
export function mergeScopes(demanded: string, known: string): string {
  const actions = new Map<string, Set<string>>();
  for (const scope of [demanded, known].flatMap((text) => text.split(' ')).filter(Boolean)) {
    // The name of a repository may have colons: host:port/path.
    const colon = scope.lastIndexOf(':');
    const isScope = colon > scope.indexOf(':');
    const resource = isScope ? scope.slice(0, colon) : scope;
    const merged = actions.get(resource) ?? new Set();
    for (const action of isScope ? scope.slice(colon + 1).split(',') : []) merged.add(action);
    actions.set(resource, merged);
  }
  return [...actions]
    .map(([resource, allowed]) => (allowed.size > 0 ? `${resource}:${[...allowed].sort().join(',')}` : resource))
    .join(' ');
}
