import { parseScope, type Scope } from '../../../access/scope.ts';
import type { Registry } from '../../../search/registry.ts';
import { markup, layout, withDays, type Html, type Page } from './html.ts';
import type { Texts } from '../text/texts.ts';
import { switchLanguage, type Language } from './text.ts';

interface ConsentPage {
  readonly language: Language;
  readonly action: string;
  readonly proof: string;
  readonly app: string;
  readonly user: string;
  readonly patient?: { readonly id: string; readonly label: string } | undefined;
  readonly encounter?: string | undefined;
  readonly scopes: readonly string[];
  readonly registry: Registry;
  readonly returnsTo: string;
  readonly leadsTo: string | undefined;
}

/** Asks whether an app may have what it asks for; each sentence can be taken out of it. */
export function consentPage(page: ConsentPage): Page {
  const { language, action, proof, app, user, patient, encounter, returnsTo, leadsTo } = page;
  const { code, texts } = language;
  const asked = sentencesOf(page);
  const boxes = asked.map(
    ({ sentence, scopes }, i) =>
      markup`<li class="check">
        <input type="checkbox" id="scope-${i}" name="scope" value="${scopes.join(' ')}" checked>
        <label for="scope-${i}">${sentence}</label>
      </li>`,
  );
  const body = markup`<p>${texts.consentIntro(app, user)}</p>
    ${patient && markup`<p><strong>${withDays(texts.consentPatient(patient.label))}</strong></p>`}
    <form method="post" action="${action}">
      <input type="hidden" name="proof" value="${proof}" />
      ${patient && markup`<input type="hidden" name="patient" value="${patient.id}">`}
      ${encounter !== undefined && markup`<input type="hidden" name="encounter" value="${encounter}">`}
      <fieldset>
        <legend>${texts.asksFor}</legend>
        <ul class="rows">
          ${boxes}
        </ul>
      </fieldset>
      <p class="hint">${texts.unverified} ${texts.returnsTo(returnsTo)} ${texts.takeBack}</p>
      <button class="main" name="do" value="allow">${texts.allow}</button>
      <button name="do" value="refuse">${texts.refuse}</button>
    </form>`;
  const whole = layout({
    language: code,
    title: texts.consentTitle(app),
    body,
    switchTo: switchLanguage(language),
  });
  return { status: 200, html: whole, leadsTo };
}

interface Asked {
  readonly sentence: string;
  readonly scopes: readonly string[];
}

/** What is asked for in sentences; scopes that say the same in two spellings are one of them. */
function sentencesOf({ language: { texts }, scopes, registry }: ConsentPage): Asked[] {
  const bySentence = Map.groupBy(scopes, (scope) => sentenceOf(scope, texts, registry));
  return [...bySentence].map(([sentence, same]) => ({ sentence, scopes: same }));
}

/** One scope in plain words. */
export function sentenceOf(scope: string, texts: Texts, registry: Registry): string {
  switch (scope) {
    case 'openid':
    case 'fhirUser':
    case 'profile':
      return texts.identity;
    case 'offline_access':
      return texts.offline;
    case 'online_access':
      return texts.online;
    case 'launch':
    case 'launch/patient':
    case 'launch/encounter':
      return texts.context;
    default: {
      const parsed = parseScope(scope, registry);
      return parsed ? resourceSentence(parsed, texts) : scope;
    }
  }
}

function resourceSentence({ of, types, letters, pairs, text }: Scope, texts: Texts): string {
  const sees = letters.includes('r') || letters.includes('s');
  const changes = letters.some((letter) => 'cud'.includes(letter));
  const verb = sees && changes ? texts.seeAndChange : sees ? texts.see : texts.change;
  const named = text.includes('/*.') ? undefined : types[0];
  const kind = named === undefined ? texts.everything : (texts.kinds[named] ?? texts.otherKind(named));
  const criteria = pairs?.map(([name, value]) => `${name} ${value.split('|').at(-1) ?? value}`).join(', ');
  const narrowed = criteria === undefined ? kind : texts.onlySome(kind, criteria);
  return `${verb}: ${of === 'patient' ? texts.ofPatient(narrowed) : texts.ofUser(narrowed)}`;
}

/** A row that is chosen by pressing it. */
export const choice = (name: string, value: string, label: string): Html =>
  markup`<li><button class="row" name="${name}" value="${value}">${withDays(label)}</button></li>`;
