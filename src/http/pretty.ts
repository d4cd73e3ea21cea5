const indent = '  ';

/** JSON text indented for people; nothing but white space changes, so decimals stay as they are written. */
export function pretty(text: string): string {
  const pieces: string[] = [];
  let depth = 0;
  const line = (): string => `\n${indent.repeat(depth)}`;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] ?? '';
    if (char === '"') {
      const end = stringEnd(text, i);
      pieces.push(text.slice(i, end));
      i = end - 1;
    } else if (char === '{' || char === '[') {
      const next = text[i + 1] ?? '';
      if (next === '}' || next === ']') {
        pieces.push(char, next);
        i += 1;
        continue;
      }
      depth += 1;
      pieces.push(char, line());
    } else if (char === '}' || char === ']') {
      depth -= 1;
      pieces.push(line(), char);
    } else if (char === ',') pieces.push(char, line());
    else if (char === ':') pieces.push(': ');
    else if (!/\s/.test(char)) pieces.push(char);
  }
  return `${pieces.join('')}\n`;
}

/** Just behind the quote that ends a string. */
function stringEnd(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === '"') return i + 1;
  }
  return text.length;
}
