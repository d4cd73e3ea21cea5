import { badRequest } from '../outcome/fhirError.ts';
import { pathOf, type Step } from './exchange.ts';

/**
 * Writes the escapes of a path in one way, so that the table of routes is matched by what a path says: %24 is a dollar
 * sign and %2F a slash, what is no part of a URL stays escaped. 400 for an escape that is none or not of ASCII.
 */
export const canonicalPath: Step = (request, _response, next) => {
  const path = pathOf(request.url);
  if (path.includes('%')) request.url = `${canonical(path)}${request.url.slice(path.length)}`;
  next();
};

function canonical(path: string): string {
  const plain = path.replace(/%([2-7][0-9A-Fa-f])/g, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  if (plain.includes('%')) throw badRequest('malformed-url', 'the path has a malformed or foreign escape');
  return plain
    .split('/')
    .map((part) => encodeURIComponent(part).replaceAll('%24', '$'))
    .join('/');
}
