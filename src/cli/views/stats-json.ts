import { jsonLine } from '../../common/json.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import { countersJson } from '../../state/service-json.js';
import { SCHEMA_VERSION } from '../verb.js';
import type { Measured, PrintSample, Sample, ServiceSample } from './stats-sample.js';

const measuredJson = ({ statistics, rates }: Measured) => ({
  statistics: countersJson(statistics),
  rates,
});

const serviceJson = ({ id, name, ...measured }: ServiceSample) => ({
  service: formatServiceId(id),
  ...(name !== undefined && { name }),
  ...measuredJson(measured),
});

const bodyJson = ({ services, total }: Sample) => ({
  statistics: services.map(serviceJson),
  total: measuredJson(total),
});

/** One object, with a line for each service; with an interval, an object a line. */
export const printStatsJson: PrintSample = async (sample, _style, { output }, moment) => {
  if (moment !== 'once') {
    const time = sample.time.toISOString();
    return output.line(jsonLine({ schemaVersion: SCHEMA_VERSION, time, ...bodyJson(sample) }));
  }
  const { statistics, total } = bodyJson(sample);
  const lines = statistics.map((service) => `\n${jsonLine(service)}`).join(',');
  const end = statistics.length === 0 ? '' : '\n';
  return output.line(
    `{"schemaVersion":${SCHEMA_VERSION},"statistics":[${lines}${end}],"total":${jsonLine(total)}}`,
  );
};

export const printStatsNdjson: PrintSample = (sample, _style, { output }) =>
  output.line(
    jsonLine({ type: 'statistics', time: sample.time.toISOString(), ...bodyJson(sample) }),
  );
