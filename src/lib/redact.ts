/**
 * A URL fit for a log: without user, password and fragment, and with every query value hidden, for a signed URL is a credential.
 * Of a URL without host or path, such as `data:`, the scheme alone is left. Text that is not a URL comes back as `<not a URL>`.
 */
export function redactUrl(url: string | URL): string {
  let copy: URL;
  try {
    copy = new URL(url);
  } catch {
    return '<not a URL>';
  }
  if (!copy.pathname.startsWith('/') && copy.host === '') return `${copy.protocol}…`;
  // A parameter without a name is a value.
  const query = copy.search.slice(1).replace(/(^|&)([^&=]*=)?[^&]*/g, '$1$2…');
  return `${copy.protocol}//${copy.host}${copy.pathname}${copy.search ? `?${query}` : ''}`;
}

const URL_IN_TEXT = /\bhttps?:\/\/[^\s"'<>]+/gi;
/** What follows the name of a scheme in an Authorization header, and a JSON Web Token wherever it stands. */
const AUTHORIZATION = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi;
const JWT = /(?<![\w-])eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;

/** Tokens that say by how they begin what they are: GitHub's, GitLab's, Docker Hub's, npm's and Hugging Face's. */
const TOKEN = /(?<![\w-])(gh[pousr]_|github_pat_|gl(?:pat|dt|cbt|rt|ptt|soat)-|dckr_[op]at_|npm_|hf_)[\w-]{12,}/g;

/** Somebody else's text without the secrets it may echo: the query values and passwords of URLs, tokens, and what was sent to authorize a request. */
export function redactText(text: string): string {
  const redacted = text.replace(URL_IN_TEXT, (url) => (/[?@#]/.test(url) ? redactUrl(url) : url));
  return redacted.replace(AUTHORIZATION, '$1 …').replace(JWT, '…').replace(TOKEN, '$1…');
}

/** True for a text that is a token or has one in it, whatever field it was written into. */
export const holdsToken = (text: string): boolean => redactText(text) !== text;

const LOGIN = /(^|\/\/|=)([^\s/=:@]*):[^\s/@]+@(?![A-Za-z0-9+._-]+:[0-9a-fA-F]+$)/g;

/** Text that should be the name of an image or a registry, without the password that somebody wrote before its host; a digest stays. */
export function redactLogin(text: string): string {
  return text.replace(LOGIN, '$1$2:…@');
}
