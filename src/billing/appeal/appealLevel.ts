import type { Coverage, Extension } from '@medplum/fhirtypes';
import { cents, type Cents } from '../../datatypes/cents.ts';
import { addBusinessDays } from '../../datatypes/businessDay.ts';
import { addDays } from '../../datatypes/date.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { coverageCodes, isMedicaid, isMedicare, typology } from '../../terminology/coverageType.ts';
import { extension } from '../../terminology/system.ts';

/** On what ground a decision is disputed, and so who hears it; the codes of CodeSystem/appeal-route. */
export const routes = [
  'contract', // by the provider, under its contract with the payer
  'member', // of the member, by an appointed representative: ERISA and ACA
  'medicare',
  'medicare-advantage',
  'medicaid',
  'state-review', // external review under the law of a state
  'medicare-exception', // to the time to file: no appeal
  'no-surprises', // open negotiation and independent dispute resolution (45 CFR 149.510)
] as const;
export type Route = (typeof routes)[number];

/** One level of a route. */
export interface AppealLevel {
  readonly route: Route;
  readonly level: number;
  readonly name: string;
  readonly before: string; // who decides
  readonly days?: number | undefined; // to file, from the receipt of the decision before
  readonly decisionDays?: number | undefined; // in which it is decided, from the day it was filed
  /** The amount that must be in dispute. */
  readonly minimum?: 'hearing' | 'court';
  /** The member appeals: the provider needs a signed form that appoints it. */
  readonly isOfMember?: true;
  /** Its days are business days. */
  readonly isBusiness?: true;
  /** The decider before sends the case on by itself: nothing is filed. */
  readonly isForwarded?: true;
}

/** Days after its date in which a Medicare decision counts as received, where nobody wrote down when it was. */
export const presumedDays = 5;

const last3: readonly Omit<AppealLevel, 'route'>[] = [
  {
    level: 3,
    name: 'hearing',
    before: 'an administrative law judge',
    days: 60,
    decisionDays: 90,
    minimum: 'hearing',
  },
  { level: 4, name: 'Council review', before: 'the Medicare Appeals Council', days: 60, decisionDays: 90 },
  { level: 5, name: 'civil action', before: 'a federal district court', days: 60, minimum: 'court' },
];

/** Our defaults, by billing rule 56 and general knowledge: check before quoting as law. A payer's own rules go before. */
const shipped: readonly AppealLevel[] = [
  ...[
    { level: 1, name: 'payment dispute', before: 'the payer', days: 180, decisionDays: 60 },
    { level: 2, name: 'second payment dispute', before: 'the payer', days: 60, decisionDays: 60 },
  ].map((l) => ({ route: 'contract' as const, ...l })),
  {
    route: 'member',
    level: 1,
    name: 'internal appeal',
    before: 'the plan',
    days: 180,
    decisionDays: 60,
    isOfMember: true,
  },
  {
    route: 'member',
    level: 2,
    name: 'external review',
    before: 'an independent review organisation',
    days: 120,
    decisionDays: 45,
    isOfMember: true,
  },
  ...[
    { level: 1, name: 'redetermination', before: 'the Medicare contractor', days: 120, decisionDays: 60 },
    {
      level: 2,
      name: 'reconsideration',
      before: 'a qualified independent contractor',
      days: 180,
      decisionDays: 60,
    },
    ...last3,
  ].map((l) => ({ route: 'medicare' as const, ...l })),
  ...[
    {
      level: 1,
      name: 'reconsideration',
      before: 'the Medicare Advantage plan',
      days: 60,
      decisionDays: 60,
      isOfMember: true as const,
    },
    {
      level: 2,
      name: 'independent review',
      before: 'the independent review entity',
      decisionDays: 60,
      isForwarded: true as const,
    },
    ...last3,
  ].map((l) => ({ route: 'medicare-advantage' as const, ...l })),
  {
    route: 'medicaid',
    level: 1,
    name: 'plan appeal',
    before: 'the Medicaid plan',
    days: 60,
    decisionDays: 30,
    isOfMember: true,
  },
  {
    route: 'medicaid',
    level: 2,
    name: 'fair hearing',
    before: 'the state agency',
    days: 120,
    decisionDays: 90,
    isOfMember: true,
  },
  {
    route: 'state-review',
    level: 1,
    name: 'external review',
    before: 'the reviewer that the state names',
    days: 120,
    decisionDays: 45,
    isOfMember: true,
  },
  {
    route: 'medicare-exception',
    level: 1,
    name: 'request for an exception to the time to file',
    before: 'the Medicare contractor',
  },
  ...[
    { level: 1, name: 'open negotiation', before: 'the plan', days: 30, decisionDays: 30 },
    {
      level: 2,
      name: 'independent dispute resolution',
      before: 'a certified entity',
      days: 4,
      decisionDays: 30,
    },
  ].map((l) => ({ route: 'no-surprises' as const, isBusiness: true as const, ...l })),
];

interface Extended {
  readonly extension?: Extension[];
}

/** The levels that a payer, or the route to it, has of its own. What a rule leaves out is as with us. */
export const appealRules = (of: Extended | undefined): AppealLevel[] =>
  extensionsOf(of, extension.appealRule).flatMap((rule) => {
    const route = routes.find((r) => r === extensionOf(rule, 'route')?.valueCode);
    if (route === undefined) return [];
    const level = extensionOf(rule, 'level')?.valuePositiveInt ?? 1;
    const usual = levelOf([], { route, level }) ?? {
      ...{ route, level, before: 'the payer', name: `appeal of level ${level.toString()}` },
    };
    return [
      {
        ...usual,
        name: extensionOf(rule, 'name')?.valueString ?? usual.name,
        days: extensionOf(rule, 'days')?.valuePositiveInt ?? usual.days,
        decisionDays: extensionOf(rule, 'decision-days')?.valuePositiveInt ?? usual.decisionDays,
      },
    ];
  });

/** A level of a route: the first of the rules that has it, else ours; undefined where the route has no such level. */
export const levelOf = (
  rules: readonly AppealLevel[],
  { route, level }: Pick<AppealLevel, 'route' | 'level'>,
): AppealLevel | undefined => [...rules, ...shipped].find((l) => l.route === route && l.level === level);

/** X12's filing indicator of a Medicare Advantage plan (HMO with Medicare risk). */
const medicareRisk = '16';

/** The route of a coverage where nobody names one: that of its programme, else the contract of the provider. */
export function routeOf(coverage: Coverage): Route {
  if (coverageCodes(coverage).includes(medicareRisk) || typology(coverage).startsWith('11'))
    return 'medicare-advantage';
  if (isMedicare(coverage)) return 'medicare';
  return isMedicaid(coverage) ? 'medicaid' : 'contract';
}

/** The last day to file: by when the decision before was received, else presumed to be; undefined: there is no such day. */
export function deadlineOf(
  { route, days, isBusiness }: AppealLevel,
  decision: { readonly dated: string; readonly received?: string | undefined },
): string | undefined {
  if (days === undefined) return undefined;
  const isPresumed = route === 'medicare' || route === 'medicare-advantage';
  const from = decision.received ?? addDays(decision.dated, isPresumed ? presumedDays : 0);
  return isBusiness === true ? addBusinessDays(from, days) : addDays(from, days);
}

/** The remarks by which a payer says that it decided under the No Surprises Act. Billing rule 73. */
const surprise = /^N(?:830|859|860|86[2-9]|87\d)$/;
export const isSurpriseRemark = (rarc: string): boolean => surprise.test(rarc);

/** The amounts that must be in dispute, by calendar year; later years: that of the last one here. */
const minima: readonly (readonly [year: number, hearing: number, court: number])[] = [
  [2024, 180, 1840],
  [2025, 190, 1900],
  [2026, 200, 1960],
];
const dollar = 100;

/** The amount that must be in dispute on a day; undefined where the level asks for none. */
export function minimumOf({ minimum }: AppealLevel, on: string): Cents | undefined {
  if (minimum === undefined) return undefined;
  const year = Number(on.slice(0, 4));
  const row = minima.findLast(([from]) => from <= year) ?? minima[0];
  const [, hearing = 0, court = 0] = row ?? [];
  return cents((minimum === 'hearing' ? hearing : court) * dollar);
}
