import type { Extension } from '@medplum/fhirtypes';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { extension } from '../../terminology/system.ts';

/** What a template of a letter may name; each stands in braces. */
export interface LetterFacts {
  readonly claim: string; // our number
  readonly number: string; // the payer's
  readonly patient: string;
  readonly service: string; // the days
  readonly amount: string;
  readonly reasons: string;
  readonly decided: string; // the day of the decision
  readonly level: string;
}

/** Our arguments by the next step of the guide, in plain words; an office writes its own. */
const shipped: Readonly<Record<string, string>> = {
  any: 'We ask you to look at your decision of {decided} again and to pay the services of {service}. You denied {amount} for: {reasons}. The documents that follow show why the services are to be paid.',
  'appeal-filing':
    'You denied {amount} of the services of {service} as filed too late. The acknowledgements that follow show that the claim was received within the time to file. We ask you to judge it on its merits.',
  authorization:
    'You denied {amount} of the services of {service} for want of an authorisation. The documents that follow show that the services were authorised, or could not wait for it. We ask you to pay them.',
  'appeal-records':
    'You denied {amount} of the services of {service} as not medically necessary. The records that follow show the condition of the patient, what was tried before, and why the services were needed. We ask for a review by a clinician of the same specialty.',
  'coding-review':
    'You denied {amount} of the services of {service} as part of another service. The record that follows shows that they were separate: another site, another time or another purpose. We ask you to pay them by themselves.',
  document:
    'You denied {amount} of the services of {service} because a document was missing. It follows. We ask you to judge the claim.',
};

interface Extended {
  readonly extension?: Extension[];
}

/** The template of a step: that of the practice, its one for all steps, ours, or ours for all. */
export function templateOf(practice: Extended | undefined, step: string): string {
  const own = extensionsOf(practice, extension.appealTemplate).map((one) => {
    const step = extensionOf(one, 'step')?.valueCode ?? 'any';
    return { step, text: extensionOf(one, 'text')?.valueString ?? '' };
  });
  const found = own.find((o) => o.step === step) ?? own.find((o) => o.step === 'any');
  return found?.text ?? shipped[step] ?? shipped['any'] ?? '';
}

/** A template with what it names; a name that is none stays as it is written. */
export const fillTemplate = (template: string, facts: LetterFacts): string =>
  template.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(facts, name) ? facts[name as keyof LetterFacts] : whole,
  );
