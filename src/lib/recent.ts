/** Texts that were added last, at most `limit` of them: who adds without end fills no memory. */
export function recent(limit: number): { add(text: string): void; has(text: string): boolean } {
  const texts = new Set<string>();
  return {
    add(text) {
      texts.delete(text);
      texts.add(text);
      const [oldest] = texts;
      if (texts.size > limit && oldest !== undefined) texts.delete(oldest);
    },
    has: (text) => texts.has(text),
  };
}
