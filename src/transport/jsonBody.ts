/** A JSON object of a partner; undefined for anything else. */
export function jsonOf(body: Buffer): object | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A text, or a number as text, at a name. */
export function textAt(value: object | undefined, name: string): string | undefined {
  const found: unknown = value && Object.entries(value).find(([key]) => key === name)?.[1];
  return typeof found === 'string' ? found : typeof found === 'number' ? String(found) : undefined;
}
