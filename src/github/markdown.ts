/** Text as code, in a table too. */
export const code = (text: string): string => `<code>${literal(text)}</code>`;

/**
 * Text that Markdown shows as it is, in a table too: a character reference is never markup (CommonMark 0.31, "Entity and numeric character references").
 * The colon and the dot of `http://` and `www.` go too, or a link would be made of them.
 */
export function literal(text: string): string {
  return text
    .replace(/[&<>"'|`*_~[\]\\!#$]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/:(?=\/\/)/g, '&#58;')
    .replace(/(?<=www)\./gi, '&#46;');
}
