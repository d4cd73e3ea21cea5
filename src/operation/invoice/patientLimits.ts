import type { Claim, Coverage, Patient, Task } from '@medplum/fhirtypes';
import type { Limits } from '../../billing/invoice/limits.ts';
import { qmbOn } from '../../billing/invoice/qmb.ts';
import { cents, most, zero } from '../../datatypes/cents.ts';
import { dateOf } from '../../datatypes/date.ts';
import { resolve } from '../../interaction/repository.ts';
import { warning, type Issue } from '../../outcome/issue.ts';
import { extension } from '../../terminology/system.ts';
import { isMedicaid, isMedicare } from '../../terminology/coverageType.ts';
import { planOf } from '../claim/practicePlans.ts';
import type { Call } from '../operation.ts';
import { holderOf, taskKey } from '../uniqueKey.ts';

/** A Task that nobody has finished or dropped. */
const over: readonly string[] = ['completed', 'cancelled', 'rejected', 'failed', 'entered-in-error'];
export const isOpen = (task: Task | undefined): boolean => task !== undefined && !over.includes(task.status);

/** What keeps the share of a claim from its patient: the claims of its chain of payers, the first payer's first. */
export async function patientLimits(
  call: Call,
  claims: readonly Claim[],
): Promise<{ readonly limits: Limits; readonly issues: readonly Issue[] }> {
  const { tx } = call;
  const last = claims.at(-1);
  const coverages: Coverage[] = [];
  for (const claim of claims) {
    const pointer = claim.insurance.find((i) => i.focal)?.coverage;
    const coverage = await resolve<Coverage>(tx, 'Coverage', pointer);
    if (coverage) coverages.push(coverage);
  }
  const patient = await resolve<Patient>(tx, 'Patient', last?.patient);
  const day = serviceDay(last) ?? call.on;
  const task = await holderOf(tx, taskKey('find-coverage', `Claim/${last?.id ?? ''}`));
  const qmb = qmbOf(patient, coverages, day);
  return {
    limits: { qmb: qmb.holds, medicaid: await medicaidOf(call, coverages), searching: isOpen(task) },
    issues: qmb.incomplete
      ? [
          warning(
            'qmb-fact-incomplete',
            `Patient.extension('${extension.qmb}')`,
            'a QMB fact has no source or no first day; it is taken to hold',
          ),
        ]
      : [],
  };
}

/** The first day of a claim's services. */
export function serviceDay(claim: Claim | undefined): string | undefined {
  const days = (claim?.item ?? []).flatMap((i) => i.servicedDate ?? i.servicedPeriod?.start ?? []);
  const first = claim?.billablePeriod?.start ?? days.sort()[0];
  return first === undefined ? undefined : dateOf(first);
}

/** The fact on a Coverage that paid, or on the Patient where Medicare may have paid: a Coverage that says no type may be. */
function qmbOf(patient: Patient | undefined, coverages: readonly Coverage[], day: string) {
  const facts = coverages.map((c) => qmbOn(c, day));
  const medicare = coverages.some((c) => isMedicare(c) || c.type === undefined);
  const all = medicare ? [...facts, qmbOn(patient, day)] : facts;
  return { holds: all.some((f) => f.holds), incomplete: all.some((f) => f.incomplete) };
}

/** Medicaid among the payers, with the copay of its plan; a plan that is not known has whatever copay it answers. */
async function medicaidOf(call: Call, coverages: readonly Coverage[]): Promise<Limits['medicaid']> {
  const medicaid = coverages.filter(isMedicaid);
  if (medicaid.length === 0) return undefined;
  let copay = zero;
  for (const coverage of medicaid) {
    const plan = await planOf(call, coverage);
    copay = most(copay, plan?.visitCopay ?? anyAmount);
  }
  return { copay };
}

/** No limit of its own: the answer of a payer whose plan is not known says the copay. */
const anyAmount = cents(Number.MAX_SAFE_INTEGER);
