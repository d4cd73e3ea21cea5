import type { Encounter, Patient, Reference } from '@medplum/fhirtypes';
import { dayIn } from '../../billing/charge/night.ts';
import { isInpatient } from '../../billing/claim/claimLine.ts';
import type { Chart } from '../../datatypes/chart.ts';
import { has } from '../../datatypes/coding.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { resolve } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, missing, unresolved, type Issue } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import { replacedBy } from '../merge/replacedBy.ts';
import { zoneOfVisit } from '../call/practiceZone.ts';
import { readChart } from './readChart.ts';

/** A finished visit that can be charged: its chart, whose it is, who gave it, when. */
export interface Visit {
  readonly chart: Chart;
  readonly patient: Patient & { id: string };
  readonly practice: string; // Organization/1
  readonly zone: string; // IANA name of the time zone of the place it was at
  readonly day: string; // its first day, in that zone
}

/** Reads a visit; 422 with every reason at once why it cannot be charged, `more` included. */
export async function readVisit(
  call: Call,
  id: string,
  more: (chart: Chart) => Issue[] = () => [],
): Promise<Visit> {
  const { tx, context } = call;
  const chart = await readChart(tx, id);
  const { encounter } = chart;
  const subject = parseReference(encounter.subject?.reference);
  const provider = parseReference(encounter.serviceProvider?.reference);
  const patient = await resolve<Patient>(tx, 'Patient', encounter.subject);
  const organization = await resolve(tx, 'Organization', encounter.serviceProvider);
  const start = encounter.period?.start;
  const faults: Issue[] = [];
  if (encounter.status !== 'finished') {
    const text = `is ${encounter.status}: only a finished visit is charged`;
    faults.push(businessFault('encounter-not-finished', 'Encounter.status', text));
  }
  if (start === undefined) {
    faults.push(missing('encounter-date-missing', 'Encounter.period.start', 'says when the visit was'));
  }
  const { end } = encounter.period ?? {};
  if (encounter.status === 'finished' && isInpatient(encounter) && !hasDay(end)) {
    const text =
      end === undefined
        ? 'is missing: a finished inpatient stay says when it ended, its nights are counted from it'
        : 'has no day: the nights of an inpatient stay are counted from it';
    faults.push(missing('stay-end-missing', 'Encounter.period.end', text));
  }
  if (patient === undefined) {
    faults.push(
      subject === undefined
        ? missing('patient-missing', 'Encounter.subject', 'names no patient')
        : unresolved('patient-missing', 'Encounter.subject', 'names a patient who is not here'),
    );
  }
  const other = patient && replacedBy(patient);
  if (other !== undefined) {
    const text = `names a record that was merged: ${other} is the one that stays`;
    faults.push(businessFault('patient-merged', 'Encounter.subject', text));
  }
  if (organization === undefined) {
    faults.push(
      provider === undefined
        ? missing('provider-missing', 'Encounter.serviceProvider', 'names no organization that bills')
        : unresolved(
            'provider-missing',
            'Encounter.serviceProvider',
            'names an organization that is not here',
          ),
    );
  }
  const { zone, fault } = await zoneOfVisit(context, tx, encounter);
  if (fault) faults.push(fault);
  faults.push(...more(chart));
  if (faults.length > 0 || patient?.id === undefined || provider === undefined || start === undefined) {
    throw unprocessable(faults);
  }
  return {
    chart,
    patient: changed(patient, { id: patient.id }),
    practice: `Organization/${provider.id}`,
    zone,
    day: dayIn(zone, start),
  };
}

const hasDay = (date: string | undefined): boolean => date !== undefined && date.length >= 10;

const participation = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';

/** People of a visit in a role (v3-ParticipationType); any role when none is given. */
export const participants = (encounter: Encounter, ...roles: readonly string[]): Reference[] =>
  (encounter.participant ?? []).flatMap(({ type, individual }) => {
    const kind = parseReference(individual?.reference)?.type;
    const clinician = kind === 'Practitioner' || kind === 'PractitionerRole';
    const fits =
      roles.length === 0 || type?.some((t) => roles.some((r) => has(t, participation, r))) === true;
    return individual && clinician && fits ? [individual] : [];
  });

/** Who gave the care: the primary performer, else the attender, else whoever took part and is no referrer. */
export function performerOf(encounter: Encounter): Reference | undefined {
  const [primary] = [...participants(encounter, 'PPRF'), ...participants(encounter, 'ATND', 'SPRF')];
  const referrers = participants(encounter, 'REF');
  return primary ?? participants(encounter).find((p) => !referrers.includes(p));
}
