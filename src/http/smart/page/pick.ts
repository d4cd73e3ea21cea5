import { choice } from './consent.ts';
import { markup, layout, type Page } from './html.ts';
import { switchLanguage, type Language } from './text.ts';

interface PickPage {
  readonly language: Language;
  readonly action: string;
  readonly proof: string;
  readonly app: string;
  readonly leadsTo: string | undefined;
}

/** Somebody or something to choose: its id, and what it is called. */
export interface Choice {
  readonly id: string;
  readonly label: string;
}

interface Found {
  readonly patients: readonly Choice[];
  readonly hasMore: boolean;
  readonly asked: string; // what was searched for
}

/** Lets a patient be chosen, by searching for them. */
export function pickPatientPage({ language, action, proof, app, leadsTo }: PickPage, found: Found): Page {
  const { code, texts } = language;
  const rows = found.patients.map(({ id, label }) => choice('patient', id, label));
  const body = markup`<p>${texts.choosePatientFor(app)}</p>
    <form method="post" action="${action}" role="search">
      <input type="hidden" name="proof" value="${proof}">
      <label for="find">${texts.findPatient}</label>
      <input type="text" id="find" name="find" value="${found.asked}" maxlength="100" autocomplete="off">
      <button name="do" value="find">${texts.find}</button>
    </form>
    <form method="post" action="${action}">
      <input type="hidden" name="proof" value="${proof}">
      <div role="status">
        ${
          rows.length === 0
            ? markup`<p>${texts.noPatient}</p>`
            : markup`<ul class="rows">
                ${rows}
              </ul>`
        }
        ${found.hasMore && markup`<p class="hint">${texts.morePatients}</p>`}
      </div>
      <button name="do" value="refuse">${texts.cancel}</button>
    </form>`;
  const page = layout({
    language: code,
    title: texts.choosePatient,
    body,
    switchTo: switchLanguage(language),
  });
  return { status: 200, html: page, leadsTo };
}

/** Lets a visit of the chosen patient be chosen, or none. */
export function pickEncounterPage(
  { language, action, proof, leadsTo }: PickPage,
  patient: string,
  encounters: readonly Choice[],
): Page {
  const { code, texts } = language;
  const body = markup`<form method="post" action="${action}">
    <input type="hidden" name="proof" value="${proof}">
    <input type="hidden" name="patient" value="${patient}">
    <ul class="rows">
      ${encounters.map(({ id, label }) => choice('encounter', id, label))}
    </ul>
    <button name="encounter" value="">${texts.noEncounter}</button>
    <button name="do" value="refuse">${texts.cancel}</button>
  </form>`;
  const page = layout({ language: code, title: texts.chooseEncounter, body });
  return { status: 200, html: page, leadsTo };
}
