/**
 * Splitting a search value at a sign that is not escaped, and taking the escapes away.
 * See https://hl7.org/fhir/R4/search.html#escaping
 */
export function splitAt(text: string, sign: ',' | '|' | '$', most = Infinity): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < text.length && parts.length + 1 < most; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === sign) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

export const unescaped = (text: string): string => text.replace(/\\([,|$\\])/g, '$1');
