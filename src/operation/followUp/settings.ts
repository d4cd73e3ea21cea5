import type { Organization } from '@medplum/fhirtypes';
import type { Allowed } from '../../billing/charge/gap.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { extension } from '../../terminology/system.ts';

/** How long a practice lets things lie, and who is told then; all numbers are days. */
export interface FollowUpSettings extends Allowed {
  readonly filingDays: number; // before the last day to file or to appeal
  readonly escalateDays: number; // after the day that work was due
  readonly escalateTo: string | undefined; // PractitionerRole/1, CareTeam/1 or Practitioner/1
}

/** What a practice says (extension `follow-up-settings`), and the usual of the rest. */
export function settingsOf(practice: Pick<Organization, 'extension'> | undefined): FollowUpSettings {
  const said = extensionOf(practice, extension.followUpSettings);
  const days = (part: string, usual: number): number => extensionOf(said, part)?.valueUnsignedInt ?? usual;
  return {
    chargeDays: days('charge-days', 2),
    noteDays: days('note-days', 3),
    billDays: days('bill-days', 7),
    filingDays: days('filing-days', 30),
    escalateDays: days('escalate-days', 3),
    escalateTo: extensionOf(said, 'escalate-to')?.valueReference?.reference,
  };
}

/** The settings of the practice that is named: Organization/1. */
export const settingsOfPractice = async (
  reader: Reader,
  practice: string | undefined,
): Promise<FollowUpSettings> =>
  settingsOf(await resolve<Organization>(reader, 'Organization', { reference: practice ?? '' }));
