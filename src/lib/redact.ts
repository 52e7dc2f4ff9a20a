/**
 * A URL fit for a log: without user, password and fragment, and with every query value hidden, for a signed URL is a credential.
 * Text that is not a URL comes back as `<not a URL>`.
 */
export function redactUrl(url: string | URL): string {
  let copy: URL;
  try {
    copy = new URL(url);
  } catch {
    return '<not a URL>';
  }
  const query = [...copy.searchParams.keys()].map((name) => `${encodeURIComponent(name)}=…`).join('&');
  return `${copy.protocol}//${copy.host}${copy.pathname}${query ? `?${query}` : ''}`;
}
