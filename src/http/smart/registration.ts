import type { IncomingMessage } from 'node:http';
import { readText } from './forms.ts';
import { withBody } from './withBody.ts';

/**
 * The request of an app that registers itself, with its scopes under the name that they are kept by: oidc-provider takes
 * no scope in a client's metadata that is not among the few that it lists.
 */
export async function registrationRequest(request: IncomingMessage): Promise<IncomingMessage> {
  return withBody(request, renamed(await readText(request), 'scope', 'smart_scope'));
}

/** JSON with one member under another name; as it is where it is no object. */
function renamed(text: string, from: string, to: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !(from in value)) return text;
    const { [from]: member, ...rest } = value as Record<string, unknown>;
    return JSON.stringify({ ...rest, [to]: member });
  } catch {
    return text; // refused by whoever reads it
  }
}
