import type { Basic, Coverage, Patient, Reference } from '@medplum/fhirtypes';
import { has } from '../../datatypes/coding.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import { memberIdOf } from '../../payer/enrollment.ts';
import { scenarioOf } from '../../payer/scenario.ts';
import type { Reader } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';

/** Whom a provider asks the payer about. */
export interface Asked {
  readonly payer: string; // Organization/1
  readonly patient: Patient | undefined; // as the question names them
  readonly coverage: Coverage | undefined; // with the member number of the question
}

/** A member as the payer has them: whom the number is of here, and their Coverage. */
export interface Member {
  readonly patient?: Reference;
  readonly coverage: Coverage;
}

/** Member numbers by which the simulated payer is made to answer in a certain way. */
const isForced = (number: string): boolean =>
  scenarioOf(number) !== undefined || /^FORCED[A-Z]+/.test(number);

/**
 * The member that a question is about: somebody with that number at this payer, by a Coverage or an enrolment, whose name
 * and birth date are not others than the question says. Undefined, whether there is no such number or it is of somebody
 * else: who asks cannot tell the two apart.
 */
export async function memberHere(
  reader: Reader,
  { payer, patient, coverage }: Asked,
): Promise<Member | undefined> {
  const number = memberIdOf(coverage);
  if (!coverage || number === undefined || number === '') return undefined;
  const [family, birthdate] = [patient?.name?.[0]?.family, patient?.birthDate];
  if (family !== undefined && birthdate !== undefined) {
    const found: Member[] = [];
    for (const one of await find<Patient>(reader, 'Patient', { family, birthdate })) {
      if (!isSameName(one, patient)) continue;
      const beneficiary = referenceText(one);
      const own = (await find<Coverage>(reader, 'Coverage', { beneficiary })).find(
        (held) =>
          held.status === 'active' &&
          memberIdOf(held) === number &&
          held.payor.some(({ reference }) => reference === payer),
      );
      if (own) found.push({ patient: { reference: beneficiary }, coverage: own });
    }
    if (found.length > 0) return found.length === 1 ? found[0] : undefined;
  }
  const enrolled = await enrolledHere(reader, { payer, number, patient });
  if (enrolled) return { ...(enrolled.subject ? { patient: enrolled.subject } : {}), coverage };
  return isForced(number) ? { coverage } : undefined;
}

/** The enrolment of a member number at a payer, where it is not of somebody of another name or birth date. */
async function enrolledHere(
  reader: Reader,
  { payer, number, patient }: Pick<Asked, 'payer' | 'patient'> & { readonly number: string },
): Promise<Basic | undefined> {
  const held = (await find<Basic>(reader, 'Basic', { identifier: `${system.memberId}|${number}` })).filter(
    (one) => has(one.code, system.basic, 'enrollment') && one.author?.reference === payer,
  );
  for (const one of held) {
    if (one.subject === undefined) return one;
    const subject = await resolve<Patient>(reader, 'Patient', one.subject);
    const isBornElse =
      patient?.birthDate !== undefined &&
      subject?.birthDate !== undefined &&
      subject.birthDate !== patient.birthDate;
    if (subject && !isBornElse && isSameName(subject, patient)) return one;
  }
  return undefined;
}

const plain = (name: string | undefined): string => (name ?? '').trim().toUpperCase();

/** Whether family and first given names agree; what the question does not say counts as the same. */
function isSameName(one: Patient, asked: Patient | undefined): boolean {
  const [own, other] = [one.name?.[0], asked?.name?.[0]];
  const agrees = (a: string | undefined, b: string | undefined): boolean =>
    plain(b) === '' || plain(a) === plain(b);
  return agrees(own?.family, other?.family) && agrees(own?.given?.[0], other?.given?.[0]);
}
