import type { CodeableConcept, Extension, Quantity, Reference, Resource } from '@medplum/fhirtypes';
import type { Chart } from '../../datatypes/chart.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { drugsOf } from '../../datatypes/medication.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { extension } from '../../terminology/system.ts';

/** One thing that was done, whatever resource type charts it: what capture looks at. */
export interface Charted {
  readonly resource: string; // 'Procedure/1'
  readonly expression: string; // where its code stands
  readonly concept: CodeableConcept | undefined;
  readonly at?: string | undefined;
  readonly amount?: Quantity | undefined; // becomes units
  readonly dose?: Quantity | undefined; // how much of the drug: stands beside an NDC
  readonly sites: readonly CodeableConcept[];
  readonly performers: readonly Reference[];
  readonly organization?: Reference | undefined;
  readonly location?: string | undefined;
  readonly reasonCode: readonly CodeableConcept[];
  readonly reasonReference: readonly Reference[];
  readonly extension: Extension[];
  /** False for what is seldom billable (an observation): without a map it is passed over. */
  readonly mustCode: boolean;
}

type Source = Resource & { readonly extension?: Extension[] | undefined };

const basis = (resource: Source, element: string) => ({
  resource: referenceText(resource),
  expression: `${resource.resourceType}.${element}`,
  extension: resource.extension ?? [],
});

const given = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);
const actors = (all: readonly { readonly actor?: Reference }[] | undefined): Reference[] =>
  (all ?? []).flatMap((p) => given(p.actor));

/** Everything that was done in the visit apart from the visit itself and its nights, type by type. */
export const charted = (chart: Chart): Charted[] => [
  ...procedures(chart),
  ...immunizations(chart),
  ...medications(chart),
  ...devices(chart),
  ...results(chart),
];

const procedures = ({ procedures: all }: Chart): Charted[] =>
  all
    .filter((p) => p.status === 'completed')
    .map((p) => ({
      ...basis(p, 'code'),
      concept: p.code,
      at: p.performedDateTime ?? p.performedPeriod?.start,
      amount: extensionOf(p, extension.serviceQuantity)?.valueQuantity,
      sites: p.bodySite ?? [],
      performers: actors(p.performer),
      organization: p.performer?.find((x) => x.onBehalfOf)?.onBehalfOf,
      location: p.location?.reference,
      reasonCode: p.reasonCode ?? [],
      reasonReference: p.reasonReference ?? [],
      mustCode: true,
    }));

/** primarySource false: a report of a vaccine given elsewhere. */
const immunizations = ({ immunizations: all }: Chart): Charted[] =>
  all
    .filter((i) => i.status === 'completed' && i.primarySource !== false)
    .map((i) => ({
      ...basis(i, 'vaccineCode'),
      concept: i.vaccineCode,
      at: i.occurrenceDateTime,
      dose: i.doseQuantity,
      sites: given(i.site),
      performers: actors(i.performer),
      location: i.location?.reference,
      reasonCode: i.reasonCode ?? [],
      reasonReference: i.reasonReference ?? [],
      mustCode: true,
    }));

const medications = (chart: Chart): Charted[] =>
  chart.medicationAdministrations
    .filter((m) => m.status === 'completed')
    .map((m) => {
      return {
        ...basis(m, 'medication'),
        concept: drugsOf(m, chart.medications).concept,
        at: m.effectiveDateTime ?? m.effectivePeriod?.start,
        amount: m.dosage?.dose,
        dose: m.dosage?.dose,
        sites: given(m.dosage?.site),
        performers: actors(m.performer),
        reasonCode: m.reasonCode ?? [],
        reasonReference: m.reasonReference ?? [],
        mustCode: true,
      };
    });

const devices = (chart: Chart): Charted[] =>
  chart.deviceUseStatements
    .filter((d) => d.status === 'active' || d.status === 'completed')
    .map((d) => {
      const held = contained(d, d.device) ?? chart.devices.get(d.device.reference ?? '');
      return {
        ...basis(d, 'device'),
        concept: held?.resourceType === 'Device' ? held.type : undefined,
        at: d.timingDateTime ?? d.timingPeriod?.start ?? d.recordedOn,
        amount: extensionOf(d, extension.serviceQuantity)?.valueQuantity,
        sites: given(d.bodySite),
        performers: [],
        reasonCode: d.reasonCode ?? [],
        reasonReference: d.reasonReference ?? [],
        mustCode: true,
      };
    });

const final: readonly (string | undefined)[] = ['final', 'amended', 'corrected'];

const results = ({ observations, diagnosticReports }: Chart): Charted[] =>
  [...observations, ...diagnosticReports]
    .filter((r) => final.includes(r.status))
    .map((r) => ({
      ...basis(r, 'code'),
      concept: r.code,
      at: r.effectiveDateTime ?? r.effectivePeriod?.start,
      sites: r.resourceType === 'Observation' ? given(r.bodySite) : [],
      performers: (r.performer ?? []).filter((p) => parseReference(p.reference)?.type !== 'Organization'),
      reasonCode: [],
      reasonReference: [],
      mustCode: false,
    }));

interface Container {
  readonly contained?: Resource[] | undefined;
}
const contained = (holder: Container, reference: Reference | undefined): Resource | undefined =>
  holder.contained?.find((c) => reference?.reference === `#${c.id ?? ''}`);
