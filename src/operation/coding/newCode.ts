import type { Coding, ConceptMap } from '@medplum/fhirtypes';
import { usualSystem } from '../../billing/coding/codeMap.ts';
import { changed } from '../../datatypes/json.ts';
import { resolve, updateResource } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, missing, unknownCode } from '../../outcome/issue.ts';
import { looksLikeCpt, looksLikeHcpcs } from '../../terminology/hcpcs.ts';
import { looksLikeCdt, serviceSystems } from '../../terminology/serviceCode.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { parameter } from '../parameters.ts';

const at = "Parameters.parameter.where(name='code').value";

/** The code that is accepted: of a system that a bill is coded with, in its form. */
export function codeGiven({ input }: Call): Coding & { system: string; code: string } {
  const given = parameter(input, 'code')?.valueCoding;
  const uri = usualSystem(given?.system ?? '');
  const code = given?.code?.trim() ?? '';
  if (code === '') throw unprocessable([missing('code-missing', at, 'say which code it is billed as')]);
  const fits: Readonly<Record<string, (text: string) => boolean>> = {
    [system.hcpcs]: (text) => looksLikeHcpcs(text) || looksLikeCpt(text),
    [system.cpt]: looksLikeCpt,
    [system.cdt]: looksLikeCdt,
  };
  if (!serviceSystems.includes(uri) || fits[uri]?.(code) === false) {
    const text = 'the code is none of HCPCS, CPT, CDT or the charge master, or has not its form';
    throw unprocessable([unknownCode('code-unfit', at, text)]);
  }
  return { system: uri, code, ...(given?.display === undefined ? {} : { display: given.display }) };
}

/** The ConceptMap that keeps what coders accept for all that is charted alike. */
const mapId = 'coding-worklist';

/** Keeps that a chart code is billed so; undefined where the map says it already. */
export async function mapCode(call: Call, charted: Coding, code: Coding): Promise<ConceptMap | undefined> {
  const { context, tx } = call;
  const source = charted.system ?? '';
  const target = code.system ?? '';
  if (source === '' || charted.code === undefined) {
    const text = 'the chart has no code that a map could start from: accept it for the chart';
    throw unprocessable([businessFault('nothing-to-map', 'Task.focus', text)]);
  }
  const known = await resolve<ConceptMap & { id: string }>(tx, 'ConceptMap', {
    reference: `ConceptMap/${mapId}`,
  });
  const map: ConceptMap & { id: string } = known ?? {
    ...{ resourceType: 'ConceptMap', id: mapId, status: 'active' },
    title: 'What coders accepted from the coding worklist',
  };
  const groups = map.group ?? [];
  const group = groups.find((g) => g.source === source && g.target === target) ?? {
    source,
    target,
    element: [],
  };
  const element = group.element.find((e) => e.code === charted.code) ?? { code: charted.code };
  if (element.target?.some((t) => t.code === code.code)) return undefined;
  const to = {
    ...(code.code === undefined ? {} : { code: code.code }),
    ...(code.display === undefined ? {} : { display: code.display }),
    equivalence: 'relatedto' as const,
  };
  const withTarget = changed(element, { target: [...(element.target ?? []), to] });
  const elements = [...group.element.filter((e) => e.code !== charted.code), withTarget];
  const others = groups.filter((g) => g.source !== source || g.target !== target);
  const grown = changed(group, { element: elements });
  return updateResource<ConceptMap>(context, tx, changed(map, { group: [...others, grown] }));
}
