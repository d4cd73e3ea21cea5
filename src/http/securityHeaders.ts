import { exchangeOf, type Step } from './exchange.ts';

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
