/** A JSON pointer as its parts; undefined when it is none. See https://www.rfc-editor.org/rfc/rfc6901 */
export function pointerParts(text: string): string[] | undefined {
  if (text === '') return [];
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return undefined;
  return text
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
