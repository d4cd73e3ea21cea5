import type { Measure } from '@medplum/fhirtypes';
import { reports } from '../../billing/report/index.ts';
import type { Report } from '../../billing/report/report.ts';
import { concept } from '../../datatypes/coding.ts';
import { ownMeasure, system } from '../../terminology/system.ts';

/** The Measure of a report: its figures as groups, by what they are divided as stratifiers. */
export const measureOf = ({ id, title, description, figures }: Report): Measure => ({
  resourceType: 'Measure',
  id,
  url: ownMeasure(id),
  version: '0.1.0',
  name: id.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  title,
  status: 'active',
  date: '2026-11-30',
  publisher: 'Claimwright',
  description,
  scoring: {
    coding: [
      {
        system: 'http://terminology.hl7.org/CodeSystem/measure-scoring',
        code: figures.some(({ of }) => of !== undefined) ? 'ratio' : 'continuous-variable',
      },
    ],
  },
  group: figures.map(({ code, text, ways }) => ({
    code: { ...concept(system.reportFigure, code), text },
    ...(ways.length > 0
      ? {
          stratifier: ways.map((way) => ({
            code: concept(system.reportDimension, way),
            criteria: criteria(way),
          })),
        }
      : {}),
  })),
});

const criteria = (expression: string) => ({ language: 'text/fhirpath', expression }) as const;

/** The reports of this server as Measures; a stored Measure of the same id hides its own. */
export const shippedMeasures: readonly Measure[] = reports.map(measureOf);
