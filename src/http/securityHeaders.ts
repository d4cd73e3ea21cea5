import { createHash } from 'node:crypto';
import { exchangeOf, type Exchange, type Step } from './exchange.ts';

const headers: readonly string[] = [
  ...['Cache-Control', 'no-store'],
  ...['X-Content-Type-Options', 'nosniff'],
  ...['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
  ...['X-Frame-Options', 'DENY'],
  ...['Referrer-Policy', 'no-referrer'],
  ...['Vary', 'Accept, Accept-Encoding'],
];

/** Answers are about patients: no cache keeps them, no browser guesses their type or shows them in a frame. */
export const securityHeaders: Step = (_request, response, next) => {
  exchangeOf(response).headers.push(...headers);
  next();
};

/** The policy of a page for people: only the style of the page itself may apply, and nothing else may load. */
export function pagePolicy(style: string): (exchange: Exchange) => void {
  const hash = createHash('sha256').update(style).digest('base64');
  const policy =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
    `style-src 'sha256-${hash}'`;
  return ({ headers: given }) => {
    const at = given.indexOf('Content-Security-Policy') + 1;
    if (at > 0) given[at] = policy;
  };
}
