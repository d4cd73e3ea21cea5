import { markup, layout, type Page } from './html.ts';
import type { Language } from './text.ts';

/** What went wrong, as far as whoever sits before it can do something about it. */
export function problemPage({ code, texts }: Language, problem: string, status = 400): Page {
  const { problems } = texts;
  const said = Object.hasOwn(problems, problem) ? problems[problem] : undefined;
  const body = markup`<p role="alert">${said ?? problems.other}</p>`;
  return { status, html: layout({ language: code, title: texts.problemTitle, body }) };
}
