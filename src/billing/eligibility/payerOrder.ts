import type { QuestionnaireResponse, QuestionnaireResponseItem } from '@medplum/fhirtypes';

/** The questionnaire that is asked at each admission of a patient with Medicare. */
export const payerQuestionnaire = 'https://claimwright.example/fhir/Questionnaire/medicare-secondary-payer';

/** Whether another payer pays before Medicare, and why (SBR05); `unclear` where what decides was not answered. */
export type PayerOrder =
  | { readonly is: 'primary' }
  | { readonly is: 'unclear' }
  | { readonly is: 'secondary'; readonly reason: string };

/** Whoever pays whatever employment there is, with the code of the reason. */
const others: readonly (readonly [question: string, reason: string])[] = [
  ['black-lung', '41'],
  ['veterans', '42'],
  ['public-programme', '16'],
  ['work', '15'],
  ['no-fault', '14'],
  ['liability', '47'],
];

/** Employees from which a group plan pays before Medicare. 42 CFR 411.170, 411.200 */
const employeesOfAged = 20;
const employeesOfDisabled = 100;

/** Judges the answers that were given at an admission. 42 CFR 411; billing rule 44 */
export function payerOrderOf({ item = [] }: QuestionnaireResponse): PayerOrder {
  const answers = new Map<string, NonNullable<QuestionnaireResponseItem['answer']>[number]>();
  for (const { linkId, answer } of flat(item)) if (answer?.[0]) answers.set(linkId, answer[0]);
  const isSo = (question: string): boolean | undefined => answers.get(question)?.valueBoolean;
  const other = others.find(([question]) => isSo(question) === true);
  if (other) return { is: 'secondary', reason: other[1] };
  const group = isSo('group-plan');
  if (group === false) return { is: 'primary' };
  const entitlement = answers.get('entitlement')?.valueCoding?.code;
  if (group === undefined || entitlement === undefined) return { is: 'unclear' };
  if (entitlement === 'kidney') return first(isSo('coordination-period'), '13');
  const employees = answers.get('employees')?.valueInteger;
  const working = isSo('working');
  if (working === false) return { is: 'primary' };
  if (working === undefined || employees === undefined) return { is: 'unclear' };
  return entitlement === 'disability'
    ? first(employees >= employeesOfDisabled, '43')
    : first(employees >= employeesOfAged, '12');
}

const first = (isOther: boolean | undefined, reason: string): PayerOrder =>
  isOther === undefined ? { is: 'unclear' } : isOther ? { is: 'secondary', reason } : { is: 'primary' };

const flat = (items: readonly QuestionnaireResponseItem[]): QuestionnaireResponseItem[] =>
  items.flatMap((one) => [one, ...flat(one.item ?? [])]);
