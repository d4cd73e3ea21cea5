import type { ClaimSupportingInfo, CodeableConcept, Procedure } from '@medplum/fhirtypes';
import type { Chart, Coder } from '../../datatypes/chart.ts';
import { codeOf, concept } from '../../datatypes/coding.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { extension, system } from '../../terminology/system.ts';

type Unnumbered = Omit<ClaimSupportingInfo, 'sequence'>;

/** Where in the mouth a dental service was done, and what goes with it. */
export interface OralService {
  /** Teeth and areas of the mouth in the order of the chart: the first stands on the line, the others beside it. */
  readonly sites: readonly CodeableConcept[];
  readonly surfaces: readonly CodeableConcept[];
  readonly prosthesis?: { readonly replacement: boolean; readonly priorPlacement?: string };
  readonly orthodontics?: { readonly months: number; readonly placed?: string };
}

/** Reads a dental Procedure: 'Procedure/1'; undefined when the chart has none such. */
export function oralServiceOf(
  { procedures }: Chart,
  coder: Coder,
  reference: string | undefined,
): OralService | undefined {
  const procedure = procedures.find((p) => `Procedure/${p.id ?? ''}` === reference);
  if (!procedure) return undefined;
  const sites = (procedure.bodySite ?? []).flatMap((site) => siteOf(coder, site) ?? []);
  const surfaces = (procedure.bodySite ?? []).flatMap((site) =>
    (site.coding ?? [])
      .filter((c) => c.system === system.toothSurface && c.code !== undefined)
      .map((c) => concept(system.toothSurface, c.code ?? '')),
  );
  return { sites, surfaces, ...prosthesisOf(procedure), ...orthodonticsOf(procedure) };
}

/** A tooth or an area of the mouth, as charted or through a map. */
function siteOf(coder: Coder, site: CodeableConcept): CodeableConcept | undefined {
  for (const uri of [system.tooth, system.oralArea]) {
    const code = coder.to(uri, site);
    if (code !== undefined) return concept(uri, code);
  }
  return undefined;
}

function prosthesisOf(procedure: Procedure): Pick<OralService, 'prosthesis'> {
  const charted = extensionOf(procedure, extension.prosthesis);
  const replacement = extensionOf(charted, 'replacement')?.valueBoolean;
  if (replacement === undefined) return {};
  const priorPlacement = extensionOf(charted, 'prior-placement')?.valueDate;
  return { prosthesis: { replacement, ...(priorPlacement === undefined ? {} : { priorPlacement }) } };
}

function orthodonticsOf(procedure: Procedure): Pick<OralService, 'orthodontics'> {
  const charted = extensionOf(procedure, extension.orthodontics);
  const months = extensionOf(charted, 'months')?.valuePositiveInt;
  if (months === undefined) return {};
  const placed = extensionOf(charted, 'appliance-placed')?.valueDate;
  return { orthodontics: { months, ...(placed === undefined ? {} : { placed }) } };
}

/** What makes an oral claim one: C4BB has one prosthesis and one orthodontic treatment a claim. */
export const treatmentOf = ({ prosthesis, orthodontics }: OralService): string =>
  [
    prosthesis && `prosthesis ${String(prosthesis.replacement)} ${prosthesis.priorPlacement ?? ''}`.trim(),
    orthodontics && `orthodontics ${orthodontics.months.toString()} ${orthodontics.placed ?? ''}`.trim(),
  ]
    .filter((text) => text !== undefined)
    .join(' ');

const textOf = (site: CodeableConcept): string => JSON.stringify(site.coding);

/** Every site beside the first of its line, each once: they stand first in the supporting information of a claim. */
export function furtherSites(services: readonly OralService[]): CodeableConcept[] {
  const all = services.flatMap((s) => s.sites.slice(1));
  return [...new Map(all.map((site) => [textOf(site), site])).values()];
}

/** The sequences of the further sites of a service. */
export const siteSequences = (service: OralService, all: readonly CodeableConcept[]): number[] =>
  service.sites.slice(1).map((site) => all.findIndex((other) => textOf(other) === textOf(site)) + 1);

const category = (code: string): CodeableConcept => concept(system.c4bbSupportingInfo, code);

/** What an oral claim says beside its lines; further sites first, so that their sequences count from 1. */
export function besideOralLines(services: readonly OralService[], missing: readonly string[]): Unnumbered[] {
  const prosthesis = services.find((s) => s.prosthesis)?.prosthesis;
  const orthodontics = services.find((s) => s.orthodontics)?.orthodontics;
  return [
    ...furtherSites(services).map((code) => ({ category: category('additionalbodysite'), code })),
    ...(prosthesis
      ? [
          {
            category: category('prosthesis'),
            ...(prosthesis.priorPlacement === undefined ? {} : { timingDate: prosthesis.priorPlacement }),
            valueBoolean: prosthesis.replacement,
          },
        ]
      : []),
    ...(orthodontics
      ? [
          {
            category: category('orthodontics'),
            ...(orthodontics.placed === undefined ? {} : { timingDate: orthodontics.placed }),
            valueQuantity: { value: orthodontics.months, unit: 'month', system: system.ucum, code: 'mo' },
          },
        ]
      : []),
    ...missing.map((tooth) => ({
      category: category('missingtoothnumber'),
      code: concept(system.tooth, tooth),
    })),
  ];
}

/** Loss of teeth, and teeth that never were: ICD-10-CM. */
const missingTeeth = /^(?:K08\.1|K08\.4|K00\.0)/;

/** The teeth that the conditions of a visit say are missing. */
export const missingTeethOf = ({ conditions }: Chart, coder: Coder): string[] => [
  ...new Set(
    conditions
      .filter((c) => coder.reasons(c.code).some((code) => missingTeeth.test(code)))
      .flatMap((c) => (c.bodySite ?? []).flatMap((site) => codeOf(site, system.tooth) ?? [])),
  ),
];
