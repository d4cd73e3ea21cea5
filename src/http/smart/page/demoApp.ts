import { layout, markup, type Html, type Page } from './html.ts';
import type { Language } from './text.ts';

interface DemoAppPage {
  readonly language: Language;
  readonly patient: string;
  readonly scope: string;
  readonly manage: string; // where access is taken back
  readonly explanations: readonly {
    readonly id: string;
    readonly on: string;
    readonly kind: string;
    readonly submitted: number | undefined;
    readonly paid: number | undefined;
    readonly owed: number | undefined;
  }[];
}

const dollars = (amount: number | undefined): string => (amount === undefined ? '–' : amount.toFixed(2));

/** What the demo app shows once it has its token. */
export function demoAppPage({ language, patient, scope, manage, explanations }: DemoAppPage): Page {
  const { code, texts } = language;
  const names = texts.demo.columns;
  const cell = (name: string, text: string): Html => markup`<td data-name="${name}">${text}</td>`;
  const rows = explanations.map(({ id, on, kind, submitted, paid, owed }) => {
    const cells = [
      cell(names.kind, kind),
      cell(names.charged, dollars(submitted)),
      cell(names.paid, dollars(paid)),
      cell(names.owed, dollars(owed)),
      cell('ID', id),
    ];
    return markup`<tr><th scope="row">${on}</th>${cells}</tr>`;
  });
  const { date, kind, charged, paid, owed } = names;
  const body = markup`<p>${texts.consentPatient(patient)}</p>
${
  rows.length === 0
    ? markup`<p>${texts.demo.none}</p>`
    : markup`<table><thead><tr><th scope="col">${date}</th><th scope="col">${kind}</th><th scope="col">${charged}</th><th scope="col">${paid}</th><th scope="col">${owed}</th><th scope="col">ID</th></tr></thead>
<tbody>${rows}</tbody></table>`
}
<p class="hint">${scope}</p>
<p><a href="${manage}">${texts.appsTitle}</a></p>`;
  return { status: 200, html: layout({ language: code, title: texts.demo.title, body }) };
}
