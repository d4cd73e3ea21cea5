import { createHash } from 'node:crypto';

/** Markup that may be put into a page as it is; texts are escaped where they are put in. */
export interface Html {
  readonly html: string;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign);

type Part = string | number | Html | readonly Html[] | undefined | false;

/** A template whose texts are escaped; undefined and false are nothing. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = strings[0] ?? '';
  parts.forEach((part, i) => {
    text += textOf(part) + (strings[i + 1] ?? '');
  });
  return { html: text };
}

function textOf(part: Part): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map((one) => one.html).join('\n');
}

/** A text in which a date is not broken at the end of a line. */
export const withDays = (text: string): Html => ({
  html: escaped(text).replace(/\d{4}-\d{2}-\d{2}/g, (day) => `<span class="day">${day}</span>`),
});

/** One sheet for all pages: readable at 320 px, in the dark, and with the letters as large as a reader sets them. */
const style = `
  :root { color-scheme: light dark; --line: #767676; --strong: #0b57a4; --on-strong: #fff; --bad: #a8071a; }
  @media (prefers-color-scheme: dark) { :root { --line: #9a9a9a; --strong: #8ab8ef; --on-strong: #10151c; --bad: #ff9c96; } }
  * { box-sizing: border-box; }
  body { max-width: 36rem; margin: 0 auto; padding: 1rem 1rem 3rem; font: 1.0625rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
  header { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0.5rem 1rem; margin-bottom: 1.5rem; }
  header strong { font-size: 1.0625rem; }
  h1 { font-size: 1.625rem; line-height: 1.25; margin: 0 0 1rem; }
  h2 { font-size: 1.1875rem; margin: 1.75rem 0 0.5rem; }
  a { color: var(--strong); }
  label { display: block; font-weight: 600; margin: 1rem 0 0.25rem; }
  input[type=text], input[type=password], input[type=date] { width: 100%; min-height: 2.75rem; font: inherit; padding: 0.375rem 0.625rem; border: 1px solid var(--line); border-radius: 0.25rem; }
  button { min-height: 2.75rem; font: inherit; font-weight: 600; padding: 0.5rem 1.25rem; margin: 0.5rem 0.5rem 0 0; border: 1px solid var(--line); border-radius: 0.25rem; background: transparent; color: inherit; cursor: pointer; }
  button.main { background: var(--strong); border-color: var(--strong); color: var(--on-strong); }
  button.row { display: block; width: 100%; text-align: start; margin: 0; font-weight: 400; }
  :focus-visible { outline: 3px solid var(--strong); outline-offset: 2px; }
  table { border-collapse: collapse; }
  th, td { text-align: start; padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid var(--line); overflow-wrap: normal; }
  tbody th { white-space: nowrap; }
  @media (max-width: 34rem) {
    thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
    tr { display: block; padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
    th, td { display: block; border: 0; padding: 0; overflow-wrap: anywhere; }
    td::before { content: attr(data-name) ': '; }
  }
  ul { padding-inline-start: 1.25rem; }
  ul.rows { list-style: none; padding: 0; }
  li { margin: 0.375rem 0; }
  .hint { margin: 0.25rem 0; }
  input + .hint, form + .hint, fieldset + .hint { margin-top: 1rem; }
  nav a { display: inline-block; padding: 0.125rem 0; }
  .done { border-inline-start: 4px solid var(--strong); padding-inline-start: 0.75rem; font-weight: 600; }
  .check { display: flex; align-items: flex-start; gap: 0.75rem; }
  .check input { flex: none; width: 1.5rem; height: 1.5rem; margin: 0; }
  .check label { margin: 0; font-weight: 400; }
  fieldset { border: 1px solid var(--line); border-radius: 0.25rem; margin: 1rem 0; padding: 0.25rem 0.75rem 0.5rem; }
  legend { font-weight: 600; padding: 0 0.25rem; }
  .day { white-space: nowrap; }
  .wrong { border-inline-start: 4px solid var(--bad); padding-inline-start: 0.75rem; color: var(--bad); font-weight: 600; }
  form.inline { display: inline; }
  svg.code { display: block; width: 100%; max-width: 15rem; height: auto; }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

/** What of a page goes into its head and its headers. */
export interface Page {
  readonly status: number;
  readonly html: string;
  /** Where its forms may lead in the end, besides this server: the app that asked. */
  readonly leadsTo?: string | undefined;
}

interface Layout {
  readonly language: string;
  readonly title: string;
  readonly body: Html;
  readonly switchTo?: Html | undefined;
}

/** A whole page. */
export const layout = ({ language, title, body, switchTo }: Layout): string =>
  markup`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Claimwright</title>
<style>${{ html: style }}</style>
</head>
<body>
<header><strong>Claimwright</strong>${switchTo}</header>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`.html;

/** Where a form may lead, as a Content-Security-Policy names it: an origin, or the scheme of an app on a phone. */
export function originOf(url: string): string {
  const { protocol, origin } = new URL(url);
  return origin === 'null' ? protocol : origin;
}

/** Nothing loads but the sheet; nobody frames the page; its forms lead here, and on to the app that asked. */
export function securityPolicy(leadsTo = ''): string {
  const form = `'self' ${leadsTo}`.trimEnd();
  return `default-src 'none'; style-src 'sha256-${styleHash}'; form-action ${form}; frame-ancestors 'none'; base-uri 'none'`;
}
