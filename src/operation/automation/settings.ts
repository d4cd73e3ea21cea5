import type { Organization } from '@medplum/fhirtypes';
import { contentText } from '../../datatypes/content.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import type { WriteHook } from '../../interaction/context.ts';
import { hasPermission } from '../../interaction/permits.ts';
import { fhirError, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault } from '../../outcome/issue.ts';
import { extension } from '../../terminology/system.ts';

const steps = ['capture', 'draft', 'submit', 'invoice'] as const;
export type Step = (typeof steps)[number];

const minute = 60_000;
/** How long after its last write a finished visit is taken up, where the practice says nothing; minutes. */
const waitUsually = 15;

/** What a practice has done by itself. */
export interface Automation {
  readonly steps: ReadonlySet<Step>;
  readonly wait: number; // milliseconds
}

/** What a practice has switched on: extension `automation`; without it nothing is. */
export function automationOf(practice: Pick<Organization, 'extension'> | undefined): Automation {
  const said = extensionOf(practice, extension.automation);
  const codes = new Set(said?.extension?.flatMap(({ url, valueCode }) => (url === 'step' ? valueCode : [])));
  const wait = extensionOf(said, 'wait')?.valueUnsignedInt ?? waitUsually;
  return { steps: new Set(steps.filter((step) => codes.has(step))), wait: wait * minute };
}

const said = (resource: Pick<Organization, 'extension'> | undefined): readonly unknown[] =>
  resource?.extension?.filter(({ url }) => url === extension.automation) ?? [];

/** Automation sends claims and bills patients: it is switched by who administers, in whichever way it is written. */
export const automationSettingsHook: WriteHook = {
  types: ['Organization'],
  async run(context, _tx, { before, after }) {
    if (after?.resourceType !== 'Organization') return undefined;
    const former = await before();
    const known = former?.resourceType === 'Organization' ? said(former) : [];
    if (contentText(known) === contentText(said(after))) return undefined;
    if (!hasPermission(context, 'administer')) {
      const text = 'What a practice has done by itself is switched by who has the permission administer';
      throw fhirError(403, 'forbidden', 'not-permitted', text);
    }
    const codes = extensionOf(after, extension.automation)?.extension?.filter(({ url }) => url === 'step');
    const isKnown = codes?.every(({ valueCode }) => steps.some((step) => step === valueCode)) ?? true;
    if (isKnown && said(after).length <= 1) return undefined;
    const text = `automation is given once, and its steps are ${steps.join(', ')}`;
    throw unprocessable([businessFault('automation-invalid', 'Organization.extension', text)]);
  },
};
