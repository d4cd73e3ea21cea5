/** The edition of a table: its name and the days it is for. */
export interface NamedEdition {
  readonly name: string;
  readonly from: string; // FHIR date
  readonly through?: string; // the last day it is for; none: until the next
}

const pad = (month: number): string => String(month).padStart(2, '0');
const lastDay = (year: number, month: number): string =>
  new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);

/** An edition by its name: 2026Q1 a quarter, 2026 a year, FY2026 a fiscal year (from October), 2026-04 or 2026-04-01 from a month or day on. */
export function editionOf(name: string): NamedEdition | undefined {
  const plain = name.trim().toUpperCase();
  const quarter = /^((?:19|20)\d{2})-?Q([1-4])$/.exec(plain);
  if (quarter) {
    const [year, month] = [Number(quarter[1]), Number(quarter[2]) * 3];
    return {
      name: `${year}Q${quarter[2] ?? ''}`,
      from: `${year}-${pad(month - 2)}-01`,
      through: lastDay(year, month),
    };
  }
  const fiscal = /^FY ?((?:19|20)\d{2})$/.exec(plain);
  if (fiscal) {
    const year = Number(fiscal[1]);
    return { name: `FY${year}`, from: `${year - 1}-10-01`, through: `${year}-09-30` };
  }
  if (/^(19|20)\d{2}$/.test(plain)) return { name: plain, from: `${plain}-01-01`, through: `${plain}-12-31` };
  if (/^(19|20)\d{2}-(0[1-9]|1[0-2])$/.test(plain)) return { name: plain, from: `${plain}-01` };
  const isDay = /^(19|20)\d{2}-\d{2}-\d{2}$/.test(plain) && !Number.isNaN(Date.parse(plain));
  return isDay ? { name: plain, from: plain } : undefined;
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** The edition that CMS says by the name of a file; undefined where it says none that is known here. */
export function editionOfFile(file: string): NamedEdition | undefined {
  const name = file.toUpperCase();
  // NCCI pairs: v311r0 is version 31.1, the second quarter of the 31st year, which is 2025
  const version = /(?:CCIPRA|CCIOPH)[-_]?V(\d{2})([0-3])R/.exec(name);
  if (version) return editionOf(`${Number(version[1]) + 1994}Q${Number(version[2]) + 1}`);
  const effective = /EFF[-_ ]?(\d{2})[-_](\d{2})[-_]((?:19|20)\d{2})/.exec(name);
  if (effective) return quarterOf(Number(effective[3]), Number(effective[1]));
  const addOns = /AOC_?V?((?:19|20)\d{2})[-_]?Q([1-4])/.exec(name);
  if (addOns) return editionOf(`${addOns[1] ?? ''}Q${addOns[2] ?? ''}`);
  const fees = /PPRRVU(?:20)?(\d{2})(?:[-_]?([A-Z]{3}))?/.exec(name);
  if (fees) return quarterOf(2000 + Number(fees[1]), months.indexOf(fees[2] ?? 'JAN') + 1);
  const services = /HCPC(?:S)?[-_]?((?:19|20)\d{2})(?:[-_]?([A-Z]{3}))?/.exec(name);
  if (services) {
    const month = months.indexOf(services[2] ?? '') + 1;
    return month > 1 ? quarterOf(Number(services[1]), month) : editionOf(services[1] ?? '');
  }
  const editor = editorVersion.exec(name);
  if (editor) return editorEdition(Number(editor[1]), Number(editor[2] ?? 0));
  const texts = /(?:CARC|RARC|REMARK|REASON).*?((?:19|20)\d{2}[-_]\d{2}(?:[-_]\d{2})?)/.exec(name);
  if (texts) return editionOf((texts[1] ?? '').replaceAll('_', '-'));
  const exempt = /POA.?EXEMPT.*?FY((?:20)?\d{2})/.exec(name);
  if (exempt) return editionOf(`FY${(exempt[1] ?? '').padStart(4, '20')}`);
  const diagnoses = /ICD10CM.*?((?:20)\d{2})/.exec(name);
  if (!diagnoses) return undefined;
  return /APRIL|APR/.test(name)
    ? editionOf(`${diagnoses[1] ?? ''}-04-01`)
    : editionOf(`FY${diagnoses[1] ?? ''}`);
}

/** Version 43.1 of the Medicare Code Editor is of fiscal year 2026, its second half: it is for discharges from April on. */
const editorVersion = /(?:CODE.?EDITS?|MCE)\D*?V?[-_ .]?(\d{2})[-_.]?(\d)?(?!\d)/;
const editorEdition = (version: number, release: number): NamedEdition | undefined =>
  release === 0 ? editionOf(`FY${version + 1983}`) : editionOf(`${version + 1983}-04-01`);

const quarterOf = (year: number, month: number): NamedEdition | undefined =>
  month < 1 || month > 12 ? undefined : editionOf(`${year}Q${Math.ceil(month / 3)}`);
