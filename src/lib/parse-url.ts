/** The URL, or undefined; for text without a limit, of which Node's `URL.canParse` may say yes where `new URL` throws. */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
